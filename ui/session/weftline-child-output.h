/* weftline-child-output.h: what another program writes into a pipe, as far as people will read it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_CHILD_OUTPUT (weftline_child_output_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineChildOutput, weftline_child_output, WEFTLINE, CHILD_OUTPUT, GObject)

/* Reads all of it, so that nobody waits for the pipe, and keeps some 16 KiB: the first, or the last
 * of it. Emits `ended` when no more will come. Main thread. @stream: a reference is taken.
 * (transfer full) */
WeftlineChildOutput *weftline_child_output_new (GInputStream *stream, bool keep_last);
/* Whether no more will come. */
bool weftline_child_output_is_whole (WeftlineChildOutput *self);
/* Its program has ended: waits for others that have the pipe a little while only. */
void weftline_child_output_end_soon (WeftlineChildOutput *self);
/* Lines; where some were left out it says so. (transfer full) (nullable): NULL: nothing was written
 */
char *weftline_child_output_dup_text (WeftlineChildOutput *self);
/* (transfer full) (nullable): the last line that is not empty */
char *weftline_child_output_dup_last_line (WeftlineChildOutput *self);

G_END_DECLS
