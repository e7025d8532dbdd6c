/* weftline-format.h: times, bytes and counts as people read them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* "640 ms", "2.41 s", "14 m 03 s", "2 h 05 m"; three figures. (transfer full) */
char *weftline_format_duration (int64_t ns);
/* "0 B", "56 MB", "1.21 GB": decimal, as Dask prints them; three figures. (transfer full) */
char *weftline_format_bytes (uint64_t n_bytes);
/* With the locale's grouping. (transfer full) */
char *weftline_format_count (uint64_t n);
/* "512 MB", "1.5 GB", "2 GiB", a bare number of bytes, or "" and "none" for 0. Returns: whether it
 * is one */
gboolean weftline_parse_bytes (const char *text, uint64_t *n_bytes);

G_END_DECLS
