"""What all endpoints have in common: errors, pages, answers, limits, exports.

The form of an endpoint: the caller with the scope that it needs (`requires`); `Paged` for a list,
and `page_or_file` where the whole of it may be taken; `once` around whatever changes something,
`shown_once` where that has a secret; `IfMatch` where somebody else may have changed it meanwhile;
`answer` around what the subject's service returns; `problems` for what else may come. Whatever is
wrong is raised as a `Problem`. `description` tells headers, scopes and exports from these forms.
"""
