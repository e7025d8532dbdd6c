/* weftline-command.h: the command `weftline`, as a process of the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The command of this installation, or build. (transfer full) (nullable): NULL with an error */
char *weftline_command_find (GError **error);
/* What it starts ends when this program does. */
void weftline_command_bind (GSubprocessLauncher *launcher);

G_END_DECLS
