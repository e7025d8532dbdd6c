/* weftline-attachment.h: a cluster that is watched, by `weftline attach` as a process of the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The process tells of the cluster's run to whoever listens on this machine, which is mostly this
 * window; here is only whether it is connected, and why not.
 */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum
{
  WEFTLINE_ATTACHMENT_CONNECTING,
  WEFTLINE_ATTACHMENT_CONNECTED,
  WEFTLINE_ATTACHMENT_ENDED,
} WeftlineAttachmentState;

#define WEFTLINE_TYPE_ATTACHMENT (weftline_attachment_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineAttachment, weftline_attachment, WEFTLINE, ATTACHMENT, GObject)

/* Begins to connect. Emits `changed` when the state has. @address: of weftline_address_read().
 * @python: (nullable): the program that speaks with Dask; NULL or empty: as the environment says.
 * (transfer full) (nullable): NULL with an error if no process can be started. As long as there is
 * one it holds a reference. */
WeftlineAttachment *weftline_attachment_new (const char *address, const char *python,
                                             GError **error);
const char *weftline_attachment_address (WeftlineAttachment *self);
WeftlineAttachmentState weftline_attachment_state (WeftlineAttachment *self);
/* When it began to connect: monotonic, µs. */
gint64 weftline_attachment_begun_at (WeftlineAttachment *self);
/* Of one that has ended: why, for people. (transfer none) (nullable): NULL: it was told to */
const char *weftline_attachment_message (WeftlineAttachment *self);
/* Whether that may be mended by another Python. */
bool weftline_attachment_wants_python (WeftlineAttachment *self);
/* Whether it was told to end. */
bool weftline_attachment_is_stopping (WeftlineAttachment *self);
/* Has it end, with a word to the cluster and to who listens; one that does not is killed. */
void weftline_attachment_stop (WeftlineAttachment *self);

G_END_DECLS
