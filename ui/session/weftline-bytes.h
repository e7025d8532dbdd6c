/* weftline-bytes.h: sizes as people write them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* "512 MB", "1.5 GB", "2 GiB", a bare number of bytes, or "" and "none" for 0. Returns: whether it
 * is one */
gboolean weftline_parse_bytes (const char *text, uint64_t *n_bytes);

G_END_DECLS
