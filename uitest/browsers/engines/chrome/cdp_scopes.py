"""Limits DevTools commands of a case to its browser context, where Chrome allows that."""

from collections.abc import Mapping
from typing import Any

IN_CONTEXT = frozenset(
    {
        "Browser.grantPermissions",
        "Browser.resetPermissions",
        "Browser.setDownloadBehavior",
        "Browser.setPermission",
        "Storage.clearCookies",
        "Storage.getCookies",
        "Storage.setCookies",
    }
)
"""DevTools commands with a ``browserContextId``, which without one act on the default context, not on the page's.
https://chromedevtools.github.io/devtools-protocol/tot/Browser/"""

OF_STORAGE = frozenset(
    {
        "Storage.clearDataForOrigin",
        "Storage.clearDataForStorageKey",
        "Storage.clearTrustTokens",
        "Storage.getStorageKeyForFrame",
        "Storage.getTrustTokens",
        "Storage.getUsageAndQuota",
        "Storage.overrideQuotaForOrigin",
        "Storage.setStorageBucketTracking",
        "Storage.trackCacheStorageForOrigin",
        "Storage.trackCacheStorageForStorageKey",
        "Storage.trackIndexedDBForOrigin",
        "Storage.trackIndexedDBForStorageKey",
        "Storage.untrackCacheStorageForOrigin",
        "Storage.untrackCacheStorageForStorageKey",
        "Storage.untrackIndexedDBForOrigin",
        "Storage.untrackIndexedDBForStorageKey",
    }
)
"""DevTools commands that act only on the storage of the page's context."""


def limited(params: Mapping[str, Any], context: str) -> dict[str, Any] | None:
    """The parameters of ``executeCdpCommand``, limited to the context with this id; None if that is impossible."""
    if params.get("cmd") in OF_STORAGE:
        return dict(params)
    if params.get("cmd") not in IN_CONTEXT:
        return None
    return {**params, "params": {**params.get("params", {}), "browserContextId": context}}
