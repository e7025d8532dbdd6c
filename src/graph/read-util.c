/* read-util.c: places in messages, and the inputs of one task
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-read-private.h"

#include <string.h>

#define MAX_QUOTED_BYTES 60
/* Up to here a task's inputs are compared one by one. */
#define MAX_LINEAR_INPUTS 8

G_DEFINE_QUARK (weft - graph - error - quark, weft_graph_error)

bool
_weft_graph_set_error_va (GError **error, WeftGraphError code, const WeftLocation *where,
                          const char *format, va_list args)
{
  g_autoptr (GString) message = g_string_new (NULL);

  if (where != NULL && where->file != NULL && *where->file != 0)
    g_string_append_printf (message, "%s:", where->file);
  if (where != NULL && where->line != 0)
    g_string_append_printf (message, "%u:", where->line);
  if (where != NULL && where->line != 0 && where->column != 0)
    g_string_append_printf (message, "%u:", where->column);
  if (message->len > 0)
    g_string_append_c (message, ' ');
  g_string_append_vprintf (message, format, args);
  g_set_error_literal (error, WEFT_GRAPH_ERROR, code, message->str);
  return false;
}

bool
_weft_graph_set_error (GError **error, WeftGraphError code, const WeftLocation *where,
                       const char *format, ...)
{
  va_list args;

  va_start (args, format);
  _weft_graph_set_error_va (error, code, where, format, args);
  va_end (args);
  return false;
}

/* One character of the input. Returns: how many bytes it took */
static size_t
append_quoted (GString *quoted, const char *at, size_t n_left)
{
  gunichar c = g_utf8_get_char_validated (at, (gssize) n_left);
  size_t n;

  if (c == (gunichar) -1 || c == (gunichar) -2 || c == 0)
    {
      g_string_append_printf (quoted, "\\x%02x", (uint8_t) *at);
      return 1;
    }
  n = (size_t) g_unichar_to_utf8 (c, NULL);
  if (g_unichar_iscntrl (c))
    for (size_t i = 0; i < n; i++)
      g_string_append_printf (quoted, "\\x%02x", (uint8_t) at[i]);
  else
    g_string_append_len (quoted, at, (gssize) n);
  return n;
}

char *
_weft_quote (const char *chars, size_t n_chars)
{
  GString *quoted = g_string_new ("“");
  size_t at = 0;

  while (at < n_chars && at < MAX_QUOTED_BYTES)
    at += append_quoted (quoted, chars + at, n_chars - at);
  if (at < n_chars)
    g_string_append (quoted, "…");
  g_string_append (quoted, "”");
  return g_string_free (quoted, FALSE);
}

void
_weft_locate (const char *bytes, size_t n_bytes, size_t offset, const char *file,
              WeftLocation *where)
{
  const char *end = bytes + MIN (offset, n_bytes);
  const char *line_start = bytes;
  const char *next;

  *where = (WeftLocation){ .file = file, .line = 1, .offset = offset };
  while ((next = memchr (line_start, '\n', (size_t) (end - line_start))) != NULL)
    {
      line_start = next + 1;
      where->line++;
    }
  where->column = (uint32_t) (end - line_start) + 1;
}

/* ---- inputs of one task ---------------------------------------------------------------------- */

static uint32_t
hash_pair (uint32_t task, uint32_t output)
{
  uint64_t h = ((uint64_t) output << 32 | task) * 0x9e3779b97f4a7c15u;

  return (uint32_t) (h >> 32);
}

/* Index entry of the pair, or the free one where it belongs. */
static uint32_t *
index_entry (const WeftInputSet *set, uint32_t task, uint32_t output)
{
  uint32_t i = hash_pair (task, output) & set->index_mask;

  while (set->index[i] != 0)
    {
      const WeftTaskOutput *pair = &set->pairs[set->index[i] - 1];

      if (pair->task == task && pair->output == output)
        break;
      i = (i + 1) & set->index_mask;
    }
  return &set->index[i];
}

static void
rebuild_index (WeftInputSet *set)
{
  set->index_mask = set->n_room * 2 - 1;
  set->index = g_renew (uint32_t, set->index, set->index_mask + 1);
  memset (set->index, 0, (set->index_mask + 1) * sizeof *set->index);
  for (uint32_t i = 0; i < set->n; i++)
    *index_entry (set, set->pairs[i].task, set->pairs[i].output) = i + 1;
}

/* Slot of a pair that is there, or n. */
static uint32_t
find_pair (const WeftInputSet *set, uint32_t task, uint32_t output)
{
  uint32_t entry;

  if (set->n > MAX_LINEAR_INPUTS)
    {
      entry = *index_entry (set, task, output);
      return entry != 0 ? entry - 1 : set->n;
    }
  for (uint32_t i = 0; i < set->n; i++)
    if (set->pairs[i].task == task && set->pairs[i].output == output)
      return i;
  return set->n;
}

uint32_t
_weft_input_set_add (WeftInputSet *set, uint32_t task, uint32_t output)
{
  uint32_t slot = find_pair (set, task, output);
  bool grow = slot == set->n_room;

  if (slot < set->n)
    return slot;
  if (grow)
    {
      set->n_room = MAX (2 * MAX_LINEAR_INPUTS, 2 * set->n_room);
      set->pairs = g_renew (WeftTaskOutput, set->pairs, set->n_room);
    }
  set->pairs[set->n++] = (WeftTaskOutput){ task, output };
  if (set->n == MAX_LINEAR_INPUTS + 1 || (grow && set->n > MAX_LINEAR_INPUTS))
    rebuild_index (set);
  else if (set->n > MAX_LINEAR_INPUTS)
    *index_entry (set, task, output) = set->n;
  return slot;
}

/* A table that became large for one task is not cleared again and again for small ones. */
void
_weft_input_set_reset (WeftInputSet *set)
{
  if (set->n_room > 1024)
    _weft_input_set_clear (set);
  set->n = 0;
}

void
_weft_input_set_clear (WeftInputSet *set)
{
  g_free (set->pairs);
  g_free (set->index);
  *set = (WeftInputSet){ 0 };
}
