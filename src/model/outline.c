/* outline.c: what of a segment's piece is needed at once
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Decoding a graph takes longer than reading the records of its run. Before records can be taken
 * in, only the groups of their tasks must be known, and those are runs near the beginning of a
 * block of tasks: finding them takes next to nothing. The rest is left to the decoder.
 */
#include "config.h"

#include "graph/weft-graph-decode-private.h"
#include "model/weft-outline-private.h"

#include <string.h>

void
_weft_outline_init (WeftOutline *outline)
{
  *outline = (WeftOutline){ .names = g_ptr_array_new_with_free_func (g_free),
                            .counts = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                            .runs = g_array_new (FALSE, FALSE, sizeof (WeftGroupRun)),
                            .first_task = WEFT_NONE };
}

void
_weft_outline_clear (WeftOutline *outline)
{
  g_ptr_array_unref (outline->names);
  g_array_unref (outline->counts);
  g_array_unref (outline->runs);
}

static void
take_summary (WeftOutline *outline, WeftIn *in)
{
  uint32_t n_groups;
  uint64_t sum = 0;
  size_t n;

  outline->summarised = true;
  outline->n_tasks = _weft_in_u32 (in);
  _weft_in_u32 (in);    /* imports */
  _weft_in_varint (in); /* edges */
  _weft_in_text (in, &n);
  g_free (_weft_in_optional (in));
  n_groups = _weft_in_count (in);
  g_ptr_array_set_size (outline->names, 0);
  g_array_set_size (outline->counts, 0);
  for (uint32_t g = 0; g < n_groups && !in->failed; g++)
    {
      uint32_t count;

      g_ptr_array_add (outline->names, _weft_in_string (in));
      count = _weft_in_u32 (in);
      g_array_append_val (outline->counts, count);
      sum += count;
    }
  if (sum != outline->n_tasks)
    in->failed = true;
}

/* Returns: the run's length; 0: the bytes are wrong */
static uint32_t
take_run (WeftIn *in, uint32_t left, uint32_t *value)
{
  uint32_t n = _weft_in_u32 (in);

  *value = _weft_in_u32 (in);
  if (n == 0 || n > left)
    in->failed = true;
  return in->failed ? 0 : n;
}

static void
take_tasks (WeftOutline *outline, WeftIn *in)
{
  uint32_t first = _weft_in_u32 (in), n = _weft_in_u32 (in), value, run;

  _weft_in_u8 (in); /* columns */
  if (in->failed || n > UINT32_MAX - first
      || (outline->n_told > 0 && first != outline->first_task + outline->n_told))
    {
      in->failed = true;
      return;
    }
  if (outline->n_told == 0)
    outline->first_task = first;
  for (uint32_t left = n; left > 0 && !in->failed; left -= run)
    run = take_run (in, left, &value); /* calls */
  for (uint32_t left = n; left > 0 && !in->failed; left -= run)
    {
      WeftGroupRun found;

      run = take_run (in, left, &value);
      found = (WeftGroupRun){ run, value };
      g_array_append_val (outline->runs, found);
    }
  outline->n_told += n;
}

bool
_weft_outline_take (WeftOutline *outline, const void *piece, size_t n_bytes)
{
  WeftIn in = { piece, (const uint8_t *) piece + n_bytes, false };

  while (!in.failed && _weft_in_left (&in) > 0)
    {
      const uint8_t *head = _weft_in_bytes (&in, WEFT_SECTION_HEAD_BYTES);
      WeftIn section = { 0 };
      uint32_t words[2] = { 0 };

      if (head == NULL)
        return false;
      memcpy (words, head, sizeof words);
      section.at = _weft_in_bytes (&in, words[1]);
      section.end = section.at + words[1];
      if (in.failed)
        return false;
      if (words[0] == WEFT_SECTION_SUMMARY)
        take_summary (outline, &section);
      else if (words[0] == WEFT_SECTION_TASKS)
        take_tasks (outline, &section);
      if (section.failed)
        return false;
    }
  return !in.failed;
}
