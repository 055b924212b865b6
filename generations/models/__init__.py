"""Tables: the catalogue, quotes and generations, what providers were asked, what came back."""

from generations.models.access import ContentAccess
from generations.models.assets import Asset, Upload
from generations.models.catalogue import Model, ModelVersion, PriceProposal, Route
from generations.models.generations import Event, Generation, IdempotencyKey, ProviderTask, WebhookDelivery
from generations.models.presets import Preset
from generations.models.quotes import Quote
from generations.models.webhooks import OutgoingWebhook, WebhookEndpoint

__all__ = [
    "Asset",
    "ContentAccess",
    "Event",
    "Generation",
    "IdempotencyKey",
    "Model",
    "ModelVersion",
    "OutgoingWebhook",
    "Preset",
    "PriceProposal",
    "ProviderTask",
    "Quote",
    "Route",
    "Upload",
    "WebhookDelivery",
    "WebhookEndpoint",
]
