/* http-error.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "attach/weft-attach-http-error-private.h"

#include <string.h>

#define HTTP_ADVICE "if the scheduler's dashboard does not encrypt, its address begins with http://"

/* (transfer full) */
static char *
shown (SoupMessage *message)
{
  return g_uri_to_string_partial (soup_message_get_uri (message),
                                  G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY);
}

/* The proxy that the environment wants used. (transfer full) (nullable) */
static char *
proxy_of (SoupMessage *message)
{
  g_autofree char *uri = shown (message);
  g_auto (GStrv) proxies =
      g_proxy_resolver_lookup (g_proxy_resolver_get_default (), uri, NULL, NULL);

  if (proxies == NULL || proxies[0] == NULL || g_str_has_prefix (proxies[0], "direct"))
    return NULL;
  return g_strdup (proxies[0]);
}

/* ---- answers of another status --------------------------------------------------------------- */

static const char *
advice_of (SoupMessage *message, const char *where)
{
  switch (soup_message_get_status (message))
    {
    case SOUP_STATUS_UNAUTHORIZED:
    case SOUP_STATUS_FORBIDDEN:
    case SOUP_STATUS_PROXY_UNAUTHORIZED:
      return "it wants a login, which cannot be given here; expected an address without one, such "
             "as that of “ssh -L 8787:localhost:8787 HOST”";
    case SOUP_STATUS_NOT_FOUND:
      if (g_str_has_suffix (where, "/eventstream"))
        return "this scheduler has no event stream; expected distributed.http.scheduler.info "
               "among its distributed.scheduler.http.routes";
      return "no Dask scheduler answers there; expected the address of its dashboard, which its "
             "first lines say: “http://host:8787” (a worker's page is another one)";
    case SOUP_STATUS_BAD_GATEWAY:
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
    case SOUP_STATUS_GATEWAY_TIMEOUT:
      return "who stands in between does not reach the scheduler";
    default:
      return "expected 200, of a Dask scheduler's dashboard: “http://host:8787”";
    }
}

static char *
status_text (SoupMessage *message, const char *where)
{
  const char *reason = soup_message_get_reason_phrase (message);

  return g_strdup_printf ("%s: the answer is %u%s%s: %s", where, soup_message_get_status (message),
                          reason != NULL ? " " : "", reason != NULL ? reason : "",
                          advice_of (message, where));
}

/* ---- no answer ------------------------------------------------------------------------------- */

/* What of it. (transfer full) */
static char *
certificate_trouble (SoupMessage *message)
{
  static const struct
  {
    GTlsCertificateFlags flag;
    const char *text;
  } troubles[] = {
    { G_TLS_CERTIFICATE_UNKNOWN_CA, "nobody that is trusted here has signed it" },
    { G_TLS_CERTIFICATE_BAD_IDENTITY, "it is for another host" },
    { G_TLS_CERTIFICATE_EXPIRED, "it has expired" },
    { G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid yet" },
    { G_TLS_CERTIFICATE_REVOKED, "it was revoked" },
    { G_TLS_CERTIFICATE_INSECURE, "its algorithm is not safe" },
  };
  GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors (message);
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (troubles); i++)
    if ((flags & troubles[i].flag) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", troubles[i].text);
  if (text->len == 0)
    g_string_append (text, "it is not accepted");
  return g_string_free (text, FALSE);
}

static char *
tls_text (SoupMessage *message, const GError *error, const char *where)
{
  g_autofree char *trouble = NULL;

  if (!g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return g_strdup_printf ("%s: no encrypted connection: %s; " HTTP_ADVICE, where, error->message);
  trouble = certificate_trouble (message);
  return g_strdup_printf ("%s: its certificate: %s; SSL_CERT_FILE can name a file with "
                          "certificates to trust",
                          where, trouble);
}

static char *
websocket_text (SoupMessage *message, const GError *error, const char *where)
{
  unsigned status = soup_message_get_status (message);

  if (status >= SOUP_STATUS_MULTIPLE_CHOICES)
    return status_text (message, where);
  return g_strdup_printf ("%s: no WebSocket can be opened: %s; is there a proxy in between that "
                          "does not know them?",
                          where, error->message);
}

static bool
is_refused (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static const char *
advice_without_answer (const GError *error)
{
  if (is_refused (error))
    return "is the scheduler running, and is this the port of its dashboard? Its first lines say "
           "“dashboard at”";
  if (error->domain == G_RESOLVER_ERROR)
    return "expected the name of a host that this machine knows";
  return "expected a Dask scheduler's dashboard: “http://host:8787”";
}

static char *
connection_text (SoupMessage *message, const GError *error, const char *where)
{
  g_autofree char *proxy = proxy_of (message);

  if (proxy != NULL)
    return g_strdup_printf ("%s: through the proxy %s, which the environment wants: %s; no_proxy "
                            "says which hosts are reached without it",
                            where, proxy, error->message);
  return g_strdup_printf ("%s: %s; %s", where, error->message, advice_without_answer (error));
}

static char *
silent_text (const char *where)
{
  bool is_encrypted = g_str_has_prefix (where, "https://");

  return g_strdup_printf ("%s: there is no answer after %d s%s", where, WEFT_ATTACH_WAIT_S,
                          is_encrypted ? "; " HTTP_ADVICE : "");
}

WeftAttachError
_weft_attach_http_describe (SoupMessage *message, const GError *error, bool was_late)
{
  g_autofree char *where = shown (message);

  if (was_late)
    return (WeftAttachError){ WEFT_ATTACH_SILENT, silent_text (where) };
  if (error == NULL)
    return (WeftAttachError){ WEFT_ATTACH_STATUS, status_text (message, where) };
  if (error->domain == G_TLS_ERROR)
    return (WeftAttachError){ WEFT_ATTACH_OTHER, tls_text (message, error, where) };
  if (error->domain == SOUP_WEBSOCKET_ERROR)
    return (WeftAttachError){ WEFT_ATTACH_STATUS, websocket_text (message, error, where) };
  return (WeftAttachError){ is_refused (error) ? WEFT_ATTACH_REFUSED : WEFT_ATTACH_OTHER,
                            connection_text (message, error, where) };
}
