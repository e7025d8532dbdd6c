/* held-popover.h: what was held at a moment, as a list
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-held.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_HELD_MOST_LISTED 12

/**
 * weftline_held_popover_new:
 * @held: (array length=n): the largest first
 * @sum: of all
 *
 * A line for each result: its key, its bytes, and the task that kept it alive. The keys are buttons
 * that select the task.
 *
 * Returns: (transfer floating)
 */
GtkWidget *weftline_held_popover_new (WeftlineSession *session, int64_t at_ns, const WeftHeld *held,
                                      uint32_t n, const WeftHeldSum *sum);

G_END_DECLS
