"""What can go wrong, in classes that say whose turn it is."""


class GraphCRMError(Exception):
    """Base of every error that a user can mend; the message is meant for them."""


class UsageError(GraphCRMError, ValueError):
    """A parameter, name or setting is wrong."""


class UnknownNodeError(GraphCRMError, LookupError):
    """No node has the id that was asked for."""


class UnknownQuestionError(GraphCRMError, LookupError):
    """No named question has that name."""


class StoreError(GraphCRMError):
    """The graph can't be opened, read or written."""


class NoGraphError(StoreError):
    """There is no graph at an address."""


class PasswordNeededError(StoreError):
    """A server wants a password, and none was given."""


class NewerGraphError(StoreError):
    """The graph was written by a newer version of GraphCRM."""


class SourceError(GraphCRMError):
    """A file can't be read as a whole; nothing was loaded from it."""


class UnfinishedWarning(UserWarning):
    """A load or a copy into the graph is under way or was broken off: answers may lack a part."""


class ConfirmationNeeded(GraphCRMError):  # noqa: N818 - not a failure, a question to the user
    """A load looks as if two systems used the same ids; loading it must be confirmed."""
