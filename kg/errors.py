"""The leaves of the error tree that claims, stores' callers, workspaces and jobs raise."""

from __future__ import annotations

from anchoring.errors import InputRefused, PartlyDone, Refuted, ServiceFailed, WrongUsage


class NoWorkspace(WrongUsage):
    """No workspace was found at or above the folder."""

    code = "no-workspace"


class WorkspaceExists(WrongUsage):
    """There is a workspace already where one was to be made."""

    code = "workspace-exists"


class BadConfiguration(WrongUsage):
    """`triplock.toml` cannot be read, or a value in it cannot be used."""

    code = "bad-configuration"


class StateTooNew(WrongUsage):
    """The state folder was written by a later format than this program knows."""

    code = "state-too-new"


class WorkspaceBusy(ServiceFailed):
    """Another process is changing the workspace."""

    code = "workspace-busy"


class IsClone(WrongUsage):
    """The workspace is a clone of somebody else's graph, which only its publisher changes."""

    code = "is-clone"


class CloneUnfinished(ServiceFailed):
    """The clone's store is not filled yet, so an answer could leave out what is in the graph."""

    code = "clone-unfinished"


class CloneRefuted(Refuted):
    """A version of somebody else's graph does not hold; nothing of it was taken."""

    code = "clone-refuted"


class NoLicence(InputRefused):
    """A graph without a licence is not published."""

    code = "no-licence"


class NothingToPublish(InputRefused):
    """The graph is empty, so there is no version to make."""

    code = "nothing-to-publish"


class LabelTaken(WrongUsage):
    """The label is that of the workspace's own graph."""

    code = "label-taken"


class NoSuchVersion(WrongUsage):
    """The version asked for is not known."""

    code = "no-such-version"


class NoSuchStatement(WrongUsage):
    """The statement or claim asked for is not in the graph."""

    code = "no-such-statement"


class NoSuchMerge(WrongUsage):
    """No merge of the graph, or more than one, has the name that was given."""

    code = "no-such-merge"


class KeyLost(WrongUsage):
    """The key that published the graph is gone."""

    code = "key-lost"


class NotConfigured(WrongUsage):
    """The workspace has no setting for what was asked."""

    code = "not-configured"


class IngestIncomplete(PartlyDone):
    """Some documents, chunks or blocks failed; the rest is in the graph."""

    code = "ingest-incomplete"


class EvaluationIncomplete(PartlyDone):
    """Some texts have no answer; the others are scored."""

    code = "evaluation-incomplete"


class FileUnusable(WrongUsage):
    """A file or folder that was named cannot be opened, made or written."""

    code = "file-unusable"


class DiskFailed(ServiceFailed):
    """The system failed while reading or writing: the disk is full, or broken."""

    code = "disk-failed"


class LedgerFailed(ServiceFailed):
    """The ledger could not be read or written: it is locked, or the disk is full."""

    code = "ledger-failed"


class LedgerCorrupt(InputRefused):
    """The ledger's file is not what this program wrote."""

    code = "ledger-corrupt"
