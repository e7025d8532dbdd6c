/* weftline-failure.h: why a run has failed, in a line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_FAILURE (weftline_failure_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineFailure, weftline_failure, WEFTLINE, FAILURE, GtkWidget)

/* “task k failed: division by zero”: of the first task that failed for good, by the moment that is
 * looked at; not visible while there is none. A click selects the task and tells by the signal
 * `clicked`. */
GtkWidget *weftline_failure_new (WeftlineSession *session);
/* The same in words. (transfer full) (nullable) */
char *weftline_failure_dup_text (WeftlineFailure *self);

G_END_DECLS
