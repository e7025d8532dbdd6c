/* weftline-address.h: addresses of Dask schedulers, as people write them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The address as `weftline attach` takes it: without spaces around it, tcp:// before a bare
 * host:port. @problem: (out) (optional): what is wrong with it, for people; NULL: it is empty, or
 * right. (transfer full) (nullable): NULL: it is no address (yet) */
char *weftline_address_read (const char *text, char **problem);

G_END_DECLS
