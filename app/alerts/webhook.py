"""Posts an event as JSON to an address."""

import base64
import http.client
import json
import ssl
from urllib.parse import unquote, urlsplit

from app.alerts.alert import Alert, AlertError, AlertRefusedError, jpeg_of
from app.alerts.wishes import WebhookWish, shown

TIMEOUT_S = 10.0
# Of what is refused, these may be taken later.
_LATER = (408, 425, 429)


class Webhook:
    """One POST an event; a redirection is not followed: it would lead elsewhere."""

    def __init__(self, wish: WebhookWish, *, timeout_s: float = TIMEOUT_S) -> None:
        """Nothing is sent yet."""
        self._wish = wish
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """Its host; what follows may be secret."""
        return f"The webhook {shown(self._wish.url)}"

    def tell(self, alert: Alert) -> None:
        """Post it; see `Teller`."""
        values = alert.values()
        if self._wish.with_picture and alert.image_bgr is not None:
            jpeg = base64.b64encode(jpeg_of(alert.image_bgr))
            values["picture_jpeg_base64"] = jpeg.decode("ascii")
        body = json.dumps(values, ensure_ascii=False).encode()
        try:
            status = self._post(body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # Its text may have the address in it.
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise AlertError(
                f"{self.name} does not answer ({reason}).", "It is tried again."
            ) from None
        if status < 300:
            return
        if status >= 500 or status in _LATER:
            raise AlertError(
                f"{self.name} answers {status}.", "It is tried again in a while."
            )
        raise AlertRefusedError(
            f"{self.name} refuses events: {status}.", "Check its address in the rules."
        )

    def close(self) -> None:
        """Nothing is kept open."""

    def _post(self, body: bytes) -> int:
        parts = urlsplit(self._wish.url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                host,
                parts.port,
                timeout=self._timeout_s,
                context=ssl.create_default_context(),
            )
        else:
            connection = http.client.HTTPConnection(
                host, parts.port, timeout=self._timeout_s
            )
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if parts.username is not None:
            both = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            secret = base64.b64encode(both.encode()).decode("ascii")
            headers["Authorization"] = f"Basic {secret}"
        query = f"?{parts.query}" if parts.query else ""
        try:
            connection.request("POST", f"{parts.path or '/'}{query}", body, headers)
            answer = connection.getresponse()
            answer.read(65_536)
            return answer.status
        finally:
            connection.close()
