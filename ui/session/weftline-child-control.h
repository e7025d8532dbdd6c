/* weftline-child-control.h: commands to `weftline run` in another process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <glib-object.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_CHILD_CONTROL (weftline_child_control_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineChildControl, weftline_child_control, WEFTLINE, CHILD_CONTROL,
                      GObject)

/* @problem: (nullable): why it was not done; also when the process has ended before it answered */
typedef void (*WeftlineChildAnswer) (const char *problem, void *data);

/* A channel as data/doc/control.md has it. Commands may be sent at once: they wait in it for the
 * process. Emits `closed` when there will be no more answers, all that were waited for having come
 * or been called off. Main thread. @their_fd: (out) (transfer full): what the process inherits.
 * (transfer full) (nullable): NULL with @error */
WeftlineChildControl *weftline_child_control_new (int *their_fd, GError **error);
/* @argument: (nullable): put into one line as it must be. @answer: (nullable): called once, from
 * the main loop or weftline_child_control_close(). */
void weftline_child_control_send (WeftlineChildControl *self, const char *command,
                                  const char *argument, WeftlineChildAnswer answer, void *data);
/* Whether more answers may come. */
bool weftline_child_control_is_open (WeftlineChildControl *self);
/* Whether it was closed and nobody had spoken the protocol there. */
bool weftline_child_control_is_deaf (WeftlineChildControl *self);
/* The process has ended, or there is none. What it wrote is still read. */
void weftline_child_control_close (WeftlineChildControl *self);

G_END_DECLS
