"""Which models are asked, in which order, and how each is reached. No request is made here."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from blossomer.settings import Settings

OPENAI_ADDRESS = "https://api.openai.com/v1"
"""OpenAI's own address, named so that no other source than our settings can change it."""

_OLLAMA = frozenset({"ollama", "ollama_chat"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model and how it is reached.

    Args:
        provider: For example ``"openai"``: the part of the model's name before the first slash.
        model: In LiteLLM's notation, for example ``"openai/gpt-4.1-mini"``.
        api_key: None when the provider needs none, or is one of those that have no setting here;
            LiteLLM then looks for the provider's own variable.
        base_url: Address of the API; None for the provider's own.
    """

    provider: str
    model: str
    api_key: SecretStr | None = None
    base_url: str | None = None


def endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """The models to ask, in order.

    ``LLM_MODELS`` when it is set; otherwise the default model of each provider that is configured,
    OpenAI, then Anthropic, then Gemini. A model whose provider has no key is left out, since asking
    it could only fail.
    """
    found: dict[str, Endpoint] = {}
    for name in _names(settings):
        endpoint = _endpoint(name, settings)
        if endpoint is not None:
            found.setdefault(endpoint.model, endpoint)
    return tuple(found.values())


def models_without_key(settings: Settings) -> list[str]:
    """The models that ``LLM_MODELS`` names and that are left out."""
    return [name for name in _names(settings) if _endpoint(name, settings) is None]


def _names(settings: Settings) -> list[str]:
    if settings.llm_models.strip():
        return [name.strip() for name in settings.llm_models.split(",") if name.strip()]
    return _default_models(settings)


def _default_models(settings: Settings) -> list[str]:
    candidates = (
        ("openai", settings.openai_model, settings.openai_api_key or settings.openai_base_url),
        ("anthropic", settings.anthropic_model, settings.anthropic_api_key),
        ("gemini", settings.gemini_model, settings.gemini_api_key),
    )
    # The provider is known here, so the model's name may be given without it. Names of models on
    # OpenAI-compatible servers contain slashes themselves ("meta-llama/Llama-3.1-8B").
    return [
        model if model.startswith(f"{provider}/") else f"{provider}/{model}"
        for provider, model, configured in candidates
        if configured
    ]


def _endpoint(name: str, settings: Settings) -> Endpoint | None:
    model = name if "/" in name else f"openai/{name}"
    provider = model.partition("/")[0]
    if provider == "openai":
        if settings.openai_api_key is None and not settings.openai_base_url:
            return None
        # Servers that need no key still want the header to be there.
        key = settings.openai_api_key or SecretStr("none")
        return Endpoint(provider, model, key, settings.openai_base_url or OPENAI_ADDRESS)
    if provider == "anthropic":
        if settings.anthropic_api_key is None:
            return None
        return Endpoint(
            provider, model, settings.anthropic_api_key, settings.anthropic_base_url or None
        )
    if provider == "gemini":
        if settings.gemini_api_key is None:
            return None
        return Endpoint(provider, model, settings.gemini_api_key, settings.gemini_base_url or None)
    if provider in _OLLAMA:
        return Endpoint(provider, model, None, settings.ollama_base_url)
    return Endpoint(provider, model)
