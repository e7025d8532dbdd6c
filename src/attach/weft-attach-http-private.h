/* weft-attach-http-private.h: requests to a scheduler's HTTP server
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In the thread of the main context.
 */
#pragma once

#include <libsoup/soup.h>
#include <stdbool.h>

typedef struct _WeftAttachHttp WeftAttachHttp;

/* For an answer. */
#define WEFT_ATTACH_WAIT_S 15

typedef enum
{
  WEFT_ATTACH_REFUSED, /* nobody listens there (any more) */
  WEFT_ATTACH_SILENT,  /* no answer came in time */
  WEFT_ATTACH_STATUS,  /* an answer of another status */
  WEFT_ATTACH_OTHER,
} WeftAttachFailure;

/* One of these; the text says where, what, and what to do. */
typedef struct
{
  WeftAttachFailure kind;
  char *text;
} WeftAttachError;

/* What came back, in the main context. @error: NULL if it went well; else valid during the call, as
 * all is. */
typedef void (*WeftAttachFetched) (void *data, GBytes *body, const WeftAttachError *error);
typedef void (*WeftAttachOpened) (void *data, SoupWebsocketConnection *connection,
                                  const WeftAttachError *error);

/* @address: http:// or https://, of a scheduler's dashboard or one of its pages.
 * Returns: (transfer full) (nullable): NULL with an error of G_IO_ERROR */
WeftAttachHttp *_weft_attach_http_new (const char *address, GError **error);
/* Whoever still waits hears nothing more. @http: (nullable) */
void _weft_attach_http_free (WeftAttachHttp *http);

/* Its address for people: without passwords and tokens. */
const char *_weft_attach_http_shown (const WeftAttachHttp *http);
/* By the other side's clock, as far as it is known. Seconds since 1970 */
double _weft_attach_http_now_s (const WeftAttachHttp *http);

/* GET, over a connection of its own: so it is seen when nobody listens any more.
 * @route: "json/identity.json"; static */
void _weft_attach_http_fetch (WeftAttachHttp *http, const char *route, WeftAttachFetched done,
                              void *data);
/* A WebSocket. */
void _weft_attach_http_open (WeftAttachHttp *http, const char *route, WeftAttachOpened done,
                             void *data);
