/* weftline-review.h: what a graph would do outside, before anything runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-plan.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A page that lists the commands; its button is the action `win.run`. */
GtkWidget *weftline_review_new (WeftlinePlan *plan);

G_END_DECLS
