#!/usr/bin/python3
"""The Azure CLI of Debian 12, mended: it pins a version of the network API that its own SDK lacks, so that `az aro create`,
`update` and `delete` would fail before their first request. Everything else is the CLI itself: hack/az.py ARGUMENTS."""
import runpy

from azure.cli.core.profiles import ResourceType
from azure.cli.core.profiles import _shared

_shared.AZURE_API_PROFILES["latest"][ResourceType.MGMT_NETWORK] = "2022-07-01"
runpy.run_module("azure.cli", run_name="__main__")
