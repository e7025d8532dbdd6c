/* http.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "attach/weft-attach-http-private.h"
#include "attach/weft-attach-http-error-private.h"

#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define KEEP_ALIVE_S 20 /* who stands between forgets connections that nobody uses */
#define USER_TIMEOUT_MS 60000
#define MOST_MESSAGE_BYTES (64u << 20)
#define US_PER_SECOND 1e6

struct _WeftAttachHttp
{
  SoupSession *session;
  GUri *base; /* its path ends with a slash */
  char *shown;
  GCancellable *end;
  double least_ahead_s, most_ahead_s; /* how far the other clock is, from what it says in answers */
};

/* ---- addresses ------------------------------------------------------------------------------- */

/* What people copy from the browser. */
static const char *const pages[] = { "status",
                                     "workers",
                                     "tasks",
                                     "system",
                                     "profile",
                                     "graph",
                                     "groups",
                                     "info",
                                     "eventstream",
                                     "events",
                                     "individual-plots.json",
                                     "json",
                                     NULL };

/* The folder of the scheduler's routes, with a slash at its end. (transfer full) */
static char *
folder_of (const char *path)
{
  g_autofree char *known = g_strdup (path);
  const char *info = strstr (known, "/info/");
  char *last;

  if (info != NULL)
    known[info - known + 1] = '\0';
  last = strrchr (known, '/');
  if (last != NULL && g_strv_contains (pages, last + 1))
    last[1] = '\0';
  return g_strconcat (known, g_str_has_suffix (known, "/") ? NULL : "/", NULL);
}

static GUri *
uri_at (const GUri *base, const char *path)
{
  GUri *uri = (GUri *) base; /* nothing of it changes */

  return g_uri_build_with_user (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), g_uri_get_user (uri),
                                g_uri_get_password (uri), NULL, g_uri_get_host (uri),
                                g_uri_get_port (uri), path, g_uri_get_query (uri), NULL);
}

static GUri *
parse_address (const char *address, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (GUri) uri = g_uri_parse (address, SOUP_HTTP_URI_FLAGS, &why);
  g_autofree char *folder = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "“%s” is no address%s%s; expected that of a scheduler's dashboard, such as "
                   "“http://host:8787”",
                   address, why != NULL ? ": " : "", why != NULL ? why->message : "");
      return NULL;
    }
  folder = folder_of (g_uri_get_path (uri));
  return uri_at (uri, folder);
}

const char *
_weft_attach_http_shown (const WeftAttachHttp *http)
{
  return http->shown;
}

/* ---- the other side's clock ------------------------------------------------------------------ */

static double
wall_s (void)
{
  return (double) g_get_real_time () / US_PER_SECOND;
}

/* Its answers say the time in whole seconds: each narrows down how far it can be ahead. */
static void
learn_clock (WeftAttachHttp *http, SoupMessage *message, double asked_s)
{
  const char *date =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Date");
  g_autoptr (GDateTime) when = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;
  double said_s;

  if (when == NULL)
    return;
  said_s = (double) g_date_time_to_unix (when);
  http->least_ahead_s = MAX (http->least_ahead_s, said_s - wall_s ());
  http->most_ahead_s = MIN (http->most_ahead_s, said_s + 1 - asked_s);
  if (http->least_ahead_s <= http->most_ahead_s)
    return;
  /* somebody has set a clock */
  http->least_ahead_s = said_s - wall_s ();
  http->most_ahead_s = said_s + 1 - asked_s;
}

double
_weft_attach_http_now_s (const WeftAttachHttp *http)
{
  double ahead_s = (http->least_ahead_s + http->most_ahead_s) / 2;

  if (!isfinite (ahead_s) || (http->least_ahead_s <= 0 && http->most_ahead_s >= 0))
    ahead_s = 0;
  return MAX (wall_s () + ahead_s, 0);
}

/* ---- requests -------------------------------------------------------------------------------- */

typedef struct
{
  WeftAttachHttp *http;
  const char *route;
  SoupMessage *message;
  GCancellable *cancellable;
  unsigned timer;
  bool was_late;
  double asked_s;
  WeftAttachFetched fetched;
  WeftAttachOpened opened;
  void *data;
} Request;

static gboolean
late_cb (void *data)
{
  Request *request = data;

  request->timer = 0;
  request->was_late = true;
  g_cancellable_cancel (request->cancellable);
  return G_SOURCE_REMOVE;
}

/* A machine that is gone sends nothing, not even that it is. */
static void
network_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, void *data)
{
  GSocket *socket;

  if (event != G_SOCKET_CLIENT_CONNECTED || !G_IS_SOCKET_CONNECTION (connection))
    return;
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection));
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE_S, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS, NULL);
}

static void
end_cb (GCancellable *end, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static Request *
request_new (WeftAttachHttp *http, const char *route, void *data)
{
  g_autofree char *path = g_strconcat (g_uri_get_path (http->base), route, NULL);
  g_autoptr (GUri) uri = uri_at (http->base, path);
  Request *request = g_new0 (Request, 1);

  request->http = http;
  request->route = route;
  request->message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  request->cancellable = g_cancellable_new ();
  request->asked_s = wall_s ();
  request->timer = g_timeout_add_seconds (WEFT_ATTACH_WAIT_S, late_cb, request);
  request->data = data;
  soup_message_add_flags (request->message, SOUP_MESSAGE_NEW_CONNECTION);
  g_signal_connect (request->message, "network-event", G_CALLBACK (network_cb), NULL);
  g_signal_connect_object (http->end, "cancelled", G_CALLBACK (end_cb), request->cancellable, 0);
  return request;
}

static void
request_free (Request *request)
{
  g_clear_handle_id (&request->timer, g_source_remove);
  g_object_unref (request->message);
  g_object_unref (request->cancellable);
  g_free (request);
}

/* Nobody waits any more. */
static bool
has_ended (const Request *request)
{
  return !request->was_late && g_cancellable_is_cancelled (request->cancellable);
}

/* Another server was named, as one that takes https:// only does. */
static void
follow (WeftAttachHttp *http, const Request *request)
{
  GUri *uri = soup_message_get_uri (request->message);
  const char *path = g_uri_get_path (uri);
  g_autofree char *folder = NULL;

  if (!g_str_has_suffix (path, request->route))
    return;
  folder = g_strndup (path, strlen (path) - strlen (request->route));
  uri = uri_at (uri, folder);
  g_uri_unref (http->base);
  http->base = uri;
}

static void
fetched_cb (GObject *session, GAsyncResult *result, void *data)
{
  Request *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body =
      soup_session_send_and_read_finish (SOUP_SESSION (session), result, &error);
  WeftAttachError said = { 0 };
  bool ok = body != NULL && soup_message_get_status (request->message) == SOUP_STATUS_OK;

  if (!has_ended (request))
    {
      if (ok)
        follow (request->http, request);
      if (body != NULL)
        learn_clock (request->http, request->message, request->asked_s);
      if (!ok)
        said = _weft_attach_http_describe (request->message, error, request->was_late);
      request->fetched (request->data, ok ? body : NULL, ok ? NULL : &said);
      g_free (said.text);
    }
  request_free (request);
}

void
_weft_attach_http_fetch (WeftAttachHttp *http, const char *route, WeftAttachFetched done,
                         void *data)
{
  Request *request = request_new (http, route, data);

  request->fetched = done;
  soup_message_headers_replace (soup_message_get_request_headers (request->message), "Connection",
                                "close");
  soup_session_send_and_read_async (http->session, request->message, G_PRIORITY_DEFAULT,
                                    request->cancellable, fetched_cb, request);
}

static void
opened_cb (GObject *session, GAsyncResult *result, void *data)
{
  Request *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) connection =
      soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &error);
  WeftAttachError said = { 0 };

  if (!has_ended (request))
    {
      if (connection == NULL)
        said = _weft_attach_http_describe (request->message, error, request->was_late);
      else
        {
          soup_websocket_connection_set_max_incoming_payload_size (connection, MOST_MESSAGE_BYTES);
          soup_websocket_connection_set_keepalive_interval (connection, KEEP_ALIVE_S);
        }
      request->opened (request->data, connection, connection != NULL ? NULL : &said);
      g_free (said.text);
    }
  request_free (request);
}

void
_weft_attach_http_open (WeftAttachHttp *http, const char *route, WeftAttachOpened done, void *data)
{
  Request *request = request_new (http, route, data);

  request->opened = done;
  soup_session_websocket_connect_async (http->session, request->message, NULL, NULL,
                                        G_PRIORITY_DEFAULT, request->cancellable, opened_cb,
                                        request);
}

/* ---- life ------------------------------------------------------------------------------------ */

/* As Python and OpenSSL have it, for certificates of one's own. */
static bool
take_certificates (WeftAttachHttp *http, GError **error)
{
  const char *file = g_getenv ("SSL_CERT_FILE");
  g_autofree char *path = NULL;
  g_autoptr (GTlsDatabase) database = NULL;

  if (file == NULL || file[0] == '\0')
    return true;
  path = g_canonicalize_filename (file, NULL);
  database = g_tls_file_database_new (path, error);
  if (database == NULL)
    {
      g_prefix_error (error, "SSL_CERT_FILE: %s: ", path);
      return false;
    }
  soup_session_set_tls_database (http->session, database);
  return true;
}

WeftAttachHttp *
_weft_attach_http_new (const char *address, GError **error)
{
  GUri *base = parse_address (address, error);
  WeftAttachHttp *http;

  if (base == NULL)
    return NULL;
  http = g_new0 (WeftAttachHttp, 1);
  http->base = base;
  http->shown = g_uri_to_string_partial (base, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY);
  if (g_str_has_suffix (http->shown, "/"))
    http->shown[strlen (http->shown) - 1] = '\0';
  http->end = g_cancellable_new ();
  http->least_ahead_s = -INFINITY;
  http->most_ahead_s = INFINITY;
  http->session = soup_session_new_with_options ("user-agent", "weftline ", "timeout", 0,
                                                 "idle-timeout", 1, NULL);
  if (g_str_equal (g_uri_get_scheme (base), "https") && !take_certificates (http, error))
    {
      _weft_attach_http_free (http);
      return NULL;
    }
  return http;
}

void
_weft_attach_http_free (WeftAttachHttp *http)
{
  if (http == NULL)
    return;
  g_cancellable_cancel (http->end);
  soup_session_abort (http->session);
  g_object_unref (http->session);
  g_object_unref (http->end);
  g_uri_unref (http->base);
  g_free (http->shown);
  g_free (http);
}
