/* columns-fixture.h: packed events in columns, from values, as protocol.md has them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "server/weft-report-data-private.h"
#include "server/weft-report-packed-private.h"

#include <string.h>

static inline void
add_bytes (GByteArray *bytes, const void *what, size_t n_bytes)
{
  g_byte_array_append (bytes, what, (guint) n_bytes);
}

static inline void
add_u32 (GByteArray *bytes, uint32_t value)
{
  add_bytes (bytes, &value, sizeof value);
}

static inline void
add_u64 (GByteArray *bytes, uint64_t value)
{
  add_bytes (bytes, &value, sizeof value);
}

/* A text, and zeros up to a multiple of @align. */
static inline void
add_text (GByteArray *bytes, const char *text, uint32_t align)
{
  add_bytes (bytes, text, strlen (text));
  while (bytes->len % align != 0)
    add_bytes (bytes, "", 1);
}

/* ---- messages: (transfer full) --------------------------------------------------------------- */

static inline GByteArray *
columns_keys (uint32_t first, const char *const *keys, uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();

  add_u32 (bytes, first);
  add_u32 (bytes, n);
  for (uint32_t i = 0; i < n; i++)
    add_bytes (bytes, keys[i], strlen (keys[i]) + 1);
  return bytes;
}

static inline GByteArray *
columns_reads (uint32_t first, const uint32_t *counts, uint32_t n, const uint32_t *inputs,
               uint32_t n_inputs)
{
  GByteArray *bytes = g_byte_array_new ();

  add_u32 (bytes, first);
  add_u32 (bytes, n);
  add_bytes (bytes, counts, n * sizeof *counts);
  add_bytes (bytes, inputs, n_inputs * sizeof *inputs);
  return bytes;
}

static inline GByteArray *
columns_group (const char *group, const uint32_t *tasks, uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();

  add_u32 (bytes, (uint32_t) strlen (group));
  add_text (bytes, group, 4);
  add_bytes (bytes, tasks, n * sizeof *tasks);
  return bytes;
}

static inline GByteArray *
columns_wanted (const uint32_t *tasks, uint32_t n)
{
  GByteArray *bytes = g_byte_array_new ();

  add_bytes (bytes, tasks, n * sizeof *tasks);
  return bytes;
}

/**
 * ColumnsSpan:
 * @n_bytes: of its result, where the message has that
 */
typedef struct
{
  uint32_t task;
  uint64_t start, end, n_bytes;
} ColumnsSpan;

static inline GByteArray *
columns_times (const char *worker, uint64_t thread, const ColumnsSpan *spans, uint32_t n,
               bool has_bytes)
{
  GByteArray *bytes = g_byte_array_new ();

  add_u32 (bytes, n);
  add_u32 (bytes, (uint32_t) strlen (worker));
  add_u64 (bytes, thread);
  add_text (bytes, worker, 8);
  for (uint32_t i = 0; i < n; i++)
    add_u64 (bytes, spans[i].start);
  for (uint32_t i = 0; i < n; i++)
    add_u64 (bytes, spans[i].end);
  for (uint32_t i = 0; has_bytes && i < n; i++)
    add_u64 (bytes, spans[i].n_bytes);
  return bytes;
}

static inline GByteArray *
columns_spans (const char *worker, uint64_t thread, const ColumnsSpan *spans, uint32_t n,
               bool has_bytes)
{
  GByteArray *bytes = columns_times (worker, thread, spans, n, has_bytes);

  for (uint32_t i = 0; i < n; i++)
    add_u32 (bytes, spans[i].task);
  return bytes;
}

/* @keys: of each span's task, whose numbers are not looked at */
static inline GByteArray *
columns_keyed_spans (const char *worker, uint64_t thread, const ColumnsSpan *spans,
                     const char *const *keys, uint32_t n, bool has_bytes)
{
  GByteArray *bytes = columns_times (worker, thread, spans, n, has_bytes);

  for (uint32_t i = 0; i < n; i++)
    add_bytes (bytes, keys[i], strlen (keys[i]) + 1);
  return bytes;
}

/* ---- taking ---------------------------------------------------------------------------------- */

static inline bool
columns_try (WeftReportPacked *packed, uint16_t kind, uint16_t flags, uint32_t lane,
             const GByteArray *bytes, uint64_t *offset, GError **error)
{
  g_autofree void *exact = g_memdup2 (bytes->data, bytes->len); /* so that what is beyond is seen */
  WeftWireMessage message = {
    .head = { .n_bytes = bytes->len, .kind = kind, .flags = flags, .channel = 1, .lane = lane },
    .payload = exact,
  };

  return _weft_report_packed_take (packed, &message, offset, error);
}

/* @bytes: (transfer full) */
static inline void
columns_take (WeftReportPacked *packed, uint16_t kind, uint16_t flags, GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  uint64_t offset;
  bool ok = columns_try (packed, kind, flags, 0, bytes, &offset, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  g_byte_array_unref (bytes);
}
