"""Every service that the Apprise library knows: e-mail, PagerDuty, Opsgenie, Teams and the rest.

The library tells of addresses in its log and in its errors, so both are kept from everybody while
it works for us. It is run in a thread of its own, as a server that sends a byte now and then never
meets its timeouts.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

from driftcli.alerts.text import LIMIT, body, title
from driftcli.alerts.transport import TIMED_OUT, status_in_words, total_limit
from driftcli.config import Channel
from driftcli.errors import DeliveryError, only_its_kind
from driftcli.model import AlertReport, AlertState, Severity

if TYPE_CHECKING:
    from apprise import Apprise, NotifyType

# whose loggers name addresses
TALKATIVE = ("apprise", "oauthlib", "paho", "requests", "requests_oauthlib", "slixmpp", "urllib3")

_STATUS = re.compile(r"error=([345]\d\d)\b")
_NO_CONNECTION = re.compile(r"connection error", re.IGNORECASE)
_heard: ContextVar[list[str] | None] = ContextVar("driftcli_heard", default=None)


class Service:
    """Sends alerts as text through Apprise.

    Parameters
    ----------
    spec : Channel
        How long a try takes, and how many follow one that failed.
    address : str
        The service in Apprise's words, a secret.
    """

    def __init__(self, spec: Channel, address: str) -> None:
        self.spec = spec
        self._address = address

    def send(self, report: AlertReport) -> None:
        """Send title and text of the alerts.

        Parameters
        ----------
        report : AlertReport

        Raises
        ------
        DeliveryError
            The library is not there, knows no such service, or could not deliver.
        """
        try:
            import apprise  # noqa: F401
        except ImportError:
            reason, hint = "the Apprise library is missing", "install driftcli[notify]"
            raise DeliveryError(reason, path=self.spec.name, hint=hint) from None
        attempt = _Attempt(self.spec, self._address, report)
        thread = threading.Thread(target=attempt.run, name="driftcli-delivery", daemon=True)
        thread.start()
        thread.join(total_limit(self.spec.timeout, self.spec.retries))
        problem = TIMED_OUT if thread.is_alive() else attempt.problem
        if problem is not None:
            raise DeliveryError(problem, path=self.spec.name)


class _Attempt:
    """One delivery; ``problem`` is what came of it, so that no exception crosses threads."""

    def __init__(self, spec: Channel, address: str, report: AlertReport) -> None:
        self.spec = spec
        self.address = address
        self.report = report
        self.problem: str | None = None

    def run(self) -> None:
        heard: list[str] = []
        _heard.set(heard)  # of this thread only
        try:
            self.problem = self._problem(heard)
        except Exception as error:  # its text may hold the address
            self.problem = only_its_kind(error)

    def _problem(self, heard: list[str]) -> str | None:
        service = _service(self.spec, self.address)
        if service is None:
            return "the address is of no service that Apprise knows"
        if _sent(service, self.report):
            return None
        return heard[-1] if heard else "the service took no message"


def _service(spec: Channel, address: str) -> Apprise | None:
    """Return the one service of an address, which follows no redirects and writes no files."""
    from apprise import Apprise, AppriseAsset, OverflowMode, PersistentStoreMode

    _keep_quiet()
    # of verify=no in an address; it names the host
    warnings.filterwarnings("ignore", message="Unverified HTTPS request")
    asset = AppriseAsset(
        app_id="driftcli",
        app_desc="driftcli",
        async_mode=False,
        default_service_retry=spec.retries,
        http_redirects=False,
        pem_autogen=False,
        pgp_autogen=False,
        service_timeout=0,  # ours is the thread; theirs would outlive the process's last word
        storage_mode=PersistentStoreMode.MEMORY,
    )
    found = Apprise.instantiate(address, asset=asset)
    _keep_quiet()  # the libraries of this service are loaded by now
    if found is None:
        return None
    found.socket_connect_timeout = found.socket_read_timeout = spec.timeout
    if found.overflow_mode == OverflowMode.UPSTREAM:  # in parts rather than refused
        found.overflow_mode = OverflowMode.SPLIT
    return Apprise(found, asset=asset)


def _sent(service: Apprise, report: AlertReport) -> bool:
    from apprise import NotifyFormat

    (only,) = service
    heading = title(report)
    room = only.body_maxlen - (0 if only.title_maxlen else len(heading) + 2)
    text = body(report, min(LIMIT, room))
    kind = _kind(report)
    return bool(service.notify(text, heading, notify_type=kind, body_format=NotifyFormat.TEXT))


def _kind(report: AlertReport) -> NotifyType:
    """Return what the alerts are to services that tell failures from good news."""
    from apprise import NotifyType

    going = [alert for alert in report.alerts if alert.state is not AlertState.RESOLVED]
    if not going:
        return NotifyType.SUCCESS
    high = any(alert.severity is Severity.HIGH for alert in going)
    return NotifyType.FAILURE if high else NotifyType.WARNING


class _Quiet(logging.Filter):
    """Keeps records of a delivery from every log, and takes down why it failed, in our words."""

    def filter(self, record: logging.LogRecord) -> bool:
        heard = _heard.get()
        if heard is None:
            return True
        with suppress(Exception):  # a record whose text cannot be made
            told = record.getMessage()
            if status := _STATUS.search(told):
                heard.append(status_in_words(int(status[1])))
            elif _NO_CONNECTION.search(told):
                heard.append("the connection failed")
        return False


_QUIET = _Quiet()


def _keep_quiet() -> None:
    """Add the filter to every logger there is by now; a filter does not reach those below it."""
    for name in [*logging.root.manager.loggerDict, *TALKATIVE]:
        if name.partition(".")[0] in TALKATIVE:
            logging.getLogger(name).addFilter(_QUIET)  # once, however often
