"""Addresses of databases: which driver they mean, and which of its rows are asked for."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from driftcli.errors import UsageError, quoted
from driftcli.sources.templates import dated

# the words of sqlglot for each
DIALECTS = {
    "sqlite": "sqlite",
    "postgresql": "postgres",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
}
FORMS = {
    "sqlite": "sqlite:///scores.db#scores",
    "postgresql": "postgresql://user@host:5432/database#schema.table",
    "snowflake": "snowflake://user@account/database/schema?warehouse=name#table",
    "bigquery": "bigquery://project/dataset#table",
}
CREDENTIALS = {
    "sqlite": "",
    "postgresql": "set PGPASSWORD, or write it to ~/.pgpass",
    "snowflake": "set SNOWFLAKE_PASSWORD, SNOWFLAKE_TOKEN or SNOWFLAKE_PRIVATE_KEY_PATH",
    "bigquery": "set GOOGLE_APPLICATION_CREDENTIALS",
}
# whatever may be a password before a host or in its place: a colon that no port follows
_PASSWORD = re.compile(r"[^/?#]*:(?!\d{0,5}(?:[/?#]|$))|[^/?#]*:[^@]*@")
_SECRET = re.compile(r"password|secret|token|credential|private_?key|passcode", re.IGNORECASE)
_WRITES = (exp.DML, exp.DDL, exp.Drop, exp.Into, exp.Command)

# what it would warn of is an error here
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says.

    Parameters
    ----------
    name : str
        As messages and reports name it: without a secret.
    scheme : str
    dialect : str
        As sqlglot calls it.
    place : str
        Of SQLite the path of the file, else the address without the table.
    host, user, path : str
    options : mapping of str to str
        What follows a question mark.
    rows : str
        What stands behind ``FROM``: a table by name, or a query in parentheses.
    table : str, optional
        The table, for messages.
    """

    name: str
    scheme: str
    dialect: str
    place: str
    host: str
    user: str
    path: str
    options: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    table: str | None = None

    @property
    def credentials(self) -> str:
        """Where its credentials come from, as a hint."""
        return CREDENTIALS[self.scheme]


def address_of(target: str, query: str | None, day: str) -> Address:
    """Return what an address and a query ask for.

    Parameters
    ----------
    target : str
        Such as ``sqlite:///scores.db#scores``.
    query : str, optional
        One ``SELECT``, where the address names no table; ``{date:%Y-%m-%d}`` is filled in.
    day : str
        Which day that is.

    Raises
    ------
    UsageError
        If it is no address of a database, holds a secret, or says too much or too little; if the
        query is not one that only reads.
    """
    scheme, _, rest = target.partition(":")
    shown, form = f"{scheme}://…", f"write it as {FORMS[scheme]}"
    if not rest.startswith("//"):
        raise UsageError("not the address of a database", path=shown, hint=form)
    place, _, table = target.rpartition("#") if "#" in target else (target, "", "")
    if scheme == "sqlite":
        if not (rest.startswith("///") and rest[3:].partition("#")[0]):
            raise UsageError("not the address of a database", path=target, hint=form)
        found = Address(target, scheme, "sqlite", place.partition("///")[2], "", "", "")
    else:
        _refuse_secrets(scheme, rest[2:], shown)
        found = _of_server(target, place, scheme)
    dialect = found.dialect
    if table and query is not None:
        hint = "leave out one of the two"
        raise UsageError("a table in the address, and a query besides", path=target, hint=hint)
    if table:
        return replace(found, rows=_table(table, dialect, target), table=table)
    if query is None:
        hint = f"name a table ({FORMS[scheme]}), or ask with --query"
        raise UsageError("which rows of the database?", path=target, hint=hint)
    return replace(found, rows=_query(query, dialect, target, day))


def _refuse_secrets(scheme: str, rest: str, shown: str) -> None:
    query = rest.partition("#")[0].partition("?")[2]
    named = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if _PASSWORD.match(rest) or any(map(_SECRET.search, named)):
        hint = CREDENTIALS[scheme]
        raise UsageError("a secret must not stand in an address", path=shown, hint=hint)


def _of_server(target: str, place: str, scheme: str) -> Address:
    try:
        parts = urlsplit(place)
    except ValueError:
        hint = f"write it as {FORMS[scheme]}"
        raise UsageError("not the address of a database", path=target, hint=hint) from None
    user, _, host = parts.netloc.rpartition("@")
    path = unquote(parts.path.strip("/"))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not path or (scheme != "postgresql" and not host):
        hint = f"write it as {FORMS[scheme]}"
        raise UsageError("an address without a database", path=target, hint=hint)
    return Address(
        target, scheme, DIALECTS[scheme], place, host, unquote(user), path, options
    )  # fmt: skip


def _table(text: str, dialect: str, name: str) -> str:
    """Return the name of a table in quotes; of a schema and a table, each in its own."""
    try:
        table = exp.to_table(text, dialect=dialect)
    except SqlglotError:
        table = exp.Table()
    parts = table.parts if table.this else []
    if not parts or not all(isinstance(part, exp.Identifier) for part in parts):
        hint = 'write #table, #schema.table, or #"name.with.dots"'
        raise UsageError(f"no name of a table: {quoted(text)}", path=name, hint=hint)
    # where names are kept in capitals, nobody writes them so
    for part in parts:
        part.set("quoted", part.args.get("quoted") or dialect != "snowflake")
    return ".".join(part.sql(dialect) for part in parts)


def _query(text: str, dialect: str, name: str, day: str) -> str:
    """Return a query in parentheses, once it is plain that it reads and does nothing else."""
    text = dated(text, day).strip()
    if not text:
        raise UsageError("an empty query", path=name, hint="is a variable unset?")
    try:
        bare = _without_end(text, dialect)
        trees = sqlglot.parse(bare, dialect=dialect)
    except SqlglotError as error:
        told = error.errors if isinstance(error, ParseError) else []
        near = f" near {quoted(told[0]['highlight'])}" if told and told[0]["highlight"] else ""
        raise UsageError(f"the query is not understood{near}", path=name) from None
    except RecursionError:
        raise UsageError("the query is nested too deep", path=name) from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Query | exp.Values) or tree.find(*_WRITES):
        hint = "a query only reads: SELECT …"
        raise UsageError(f"not one SELECT: {quoted(' '.join(bare.split()))}", path=name, hint=hint)
    # on lines of its own, as a comment may end it
    return f"(\n{bare}\n)"


def _without_end(text: str, dialect: str) -> str:
    """Return a query without the semicolon that ends it, and what is said behind that."""
    end = len(text)
    for token in reversed(sqlglot.tokenize(text, dialect=dialect)):
        if token.token_type != sqlglot.TokenType.SEMICOLON:
            break
        end = token.start
    return text[:end].rstrip()
