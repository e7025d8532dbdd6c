/* failure-button.h: all failures of a run, those that are alike together
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "failures/failure-groups.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Groups that are listed. */
#define WEFTLINE_FAILURES_MOST_LISTED 20

#define WEFTLINE_TYPE_FAILURE_BUTTON (weftline_failure_button_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineFailureButton, weftline_failure_button, WEFTLINE, FAILURE_BUTTON,
                      GtkWidget)

/* “120 failures, 3 kinds”, by the moment that is looked at; not visible while there are fewer than
 * two. A click lists them in a popover: how many, where, when, an example with its traceback. What
 * is clicked there selects a task that failed so, and the next one with each further click. */
GtkWidget *weftline_failure_button_new (WeftlineSession *session);
/* (transfer none) (nullable): there is no run yet */
const WeftlineFailures *weftline_failure_button_failures (WeftlineFailureButton *self);
/* For tests: whether all that is known was looked at. */
bool weftline_failure_button_is_up_to_date (WeftlineFailureButton *self);

G_END_DECLS
