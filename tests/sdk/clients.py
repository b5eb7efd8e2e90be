"""Clients of both providers, pointed at the sandbox that is running."""

import os

import openai
import pytest
from scale_gp_beta import SGPClient

ADDRESS = os.environ["JUXTA_SANDBOX_URL"]
TOKEN = os.environ["JUXTA_SANDBOX_TOKEN"]
HELLO = [{"role": "user", "content": "Hello, sandbox"}]
# Paced answers would only make the tests slow.
FLAT_OUT = {"x-sandbox-rate": "0"}


def scale_client():
    return SGPClient(api_key=TOKEN, account_id="account", base_url=ADDRESS, default_headers=FLAT_OUT, max_retries=0)


def openai_on_scale():
    headers = {**FLAT_OUT, "x-api-key": TOKEN}
    return openai.OpenAI(api_key="of no use here", base_url=f"{ADDRESS}/v5", default_headers=headers, max_retries=0)


def openai_on_its_own_routes():
    return openai.OpenAI(api_key=TOKEN, base_url=f"{ADDRESS}/oai/v1", default_headers=FLAT_OUT, max_retries=0)


BOTH = pytest.mark.parametrize("make", [openai_on_scale, openai_on_its_own_routes])
