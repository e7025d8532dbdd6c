/* inspect-errors.c: why a task failed, and what it wrote
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "inspect/inspect-facts-private.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_STEPS 10000 /* from a task that could not run to why */

/* The end of it, whole characters and lines where there are any. (transfer full) */
static char *
tail (const char *bytes, size_t n_bytes)
{
  size_t skip = n_bytes > WEFTLINE_FACTS_MAX_OUTPUT ? n_bytes - WEFTLINE_FACTS_MAX_OUTPUT : 0;
  g_autofree char *valid = NULL;

  for (size_t i = skip; skip > 0 && i < n_bytes; i++)
    if (bytes[i] == '\n')
      {
        skip = i + 1;
        break;
      }
  while (skip > 0 && skip < n_bytes && (bytes[skip] & 0xc0) == 0x80)
    skip++;
  valid = g_utf8_make_valid (bytes + skip, (gssize) (n_bytes - skip));
  g_strchomp (valid);
  return skip > 0 ? g_strconcat ("…\n", valid, NULL) : g_steal_pointer (&valid);
}

static void
add_block (WeftlineInspection *in, const char *title, const char *bytes, size_t n_bytes)
{
  g_autofree char *text = tail (bytes, n_bytes);

  if (*text != '\0')
    _weftline_fact_add (in, WEFTLINE_FACT_OUTPUT, title, g_steal_pointer (&text));
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void
add_error (WeftlineInspection *in, const WeftModelErrorText *error)
{
  if (weft_model_task_attempts (in->model, in->task) > 1)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("In attempt"),
                        weftline_format_count (error->attempt));
  if (error->kind[0] != '\0')
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Kind"), g_strdup (error->kind));
  if (error->message[0] != '\0')
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Message"),
                        tail (error->message, strlen (error->message)));
  add_block (in, _ ("Details"), error->detail, strlen (error->detail));
  add_block (in, _ ("Output"), error->output, strlen (error->output));
}

/* Latest first. Returns: how many there are */
static uint32_t
find_errors (const WeftlineInspection *in, WeftModelErrorText *errors)
{
  uint32_t n = 0;

  for (uint32_t i = in->snapshot->n_errors; i-- > 0;)
    {
      WeftModelErrorText error;

      weft_model_error (in->model, i, &error);
      if (error.task != in->task || (in->moment != NULL && error.at_ns > in->moment->at_ns))
        continue;
      if (n < WEFTLINE_FACTS_MAX_ERRORS)
        errors[n] = error;
      n++;
    }
  return n;
}

/* (transfer full): of uint32_t: what a task needs */
static GArray *
inputs_of (const WeftlineInspection *in, uint32_t task)
{
  GArray *inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  WeftlineInspection of = { .model = in->model, .snapshot = in->snapshot, .inputs = inputs };

  _weftline_inspection_begin (&of, task);
  _weftline_find_inputs (&of);
  return inputs;
}

/* The first input in that state; WEFT_NONE: there is none. */
static uint32_t
input_in (const WeftlineInspection *in, const GArray *inputs, WeftModelState state)
{
  for (guint i = 0; i < inputs->len; i++)
    if (weft_model_task_state (in->model, g_array_index (inputs, uint32_t, i)) == state)
      return g_array_index (inputs, uint32_t, i);
  return WEFT_NONE;
}

static bool
has_run (const WeftlineInspection *in, uint32_t task)
{
  uint32_t lane;
  uint64_t index;

  return weft_model_task_span (in->model, task, &lane, &index);
}

/* The inputs that were cancelled and never ran, each once. */
static void
add_lost (const WeftlineInspection *in, const GArray *inputs, GHashTable *seen, GArray *lost)
{
  for (guint i = 0; i < inputs->len; i++)
    {
      uint32_t input = g_array_index (inputs, uint32_t, i);

      if (weft_model_task_state (in->model, input) == WEFT_TASK_CANCELLED && !has_run (in, input)
          && g_hash_table_add (seen, GUINT_TO_POINTER (input)))
        g_array_append_val (lost, input);
    }
}

/* The nearest that failed, through all that was cancelled for it; WEFT_NONE: none did. */
static uint32_t
find_failed (const WeftlineInspection *in)
{
  g_autoptr (GArray) lost = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  uint32_t failed = WEFT_NONE;

  g_array_append_val (lost, in->task);
  for (guint i = 0; failed == WEFT_NONE && i < lost->len && i < MAX_STEPS; i++)
    {
      g_autoptr (GArray) inputs = inputs_of (in, g_array_index (lost, uint32_t, i));

      failed = input_in (in, inputs, WEFT_TASK_ERRED);
      add_lost (in, inputs, seen, lost);
    }
  return failed;
}

/* Up to what did run, or needs nothing that was cancelled. */
static uint32_t
find_cancelled (const WeftlineInspection *in)
{
  uint32_t cause = in->task;

  for (unsigned i = 0; i < MAX_STEPS && !has_run (in, cause); i++)
    {
      g_autoptr (GArray) inputs = inputs_of (in, cause);
      uint32_t input = input_in (in, inputs, WEFT_TASK_CANCELLED);

      if (input == WEFT_NONE)
        break;
      cause = input;
    }
  return cause;
}

/* It never ran, for something it needs did not come to be. That something else failed says more
 * than that it was cancelled, perhaps as the run ended. An error without a run of its own was
 * handed on: the one that ran comes before it. */
static void
add_cause (WeftlineInspection *in)
{
  uint32_t cause = find_failed (in);

  for (unsigned i = 0; cause != WEFT_NONE && i < MAX_STEPS && !has_run (in, cause); i++)
    {
      g_autoptr (GArray) inputs = inputs_of (in, cause);
      uint32_t before = input_in (in, inputs, WEFT_TASK_ERRED);

      if (before == WEFT_NONE)
        break;
      cause = before;
    }
  if (cause == WEFT_NONE)
    cause = find_cancelled (in);
  if (cause == in->task)
    return;
  _weftline_fact_add (in, WEFTLINE_FACT_HEADING, _ ("Did not run"), g_strdup (""));
  _weftline_fact_add_link (in,
                           weft_model_task_state (in->model, cause) == WEFT_TASK_ERRED
                               ? _ ("Because this failed")
                               : _ ("Because this was cancelled"),
                           cause);
}

/* ---- what it wrote --------------------------------------------------------------------------- */

/* The last of it, both streams in the order they came. */
static void
add_log (WeftlineInspection *in)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (uint64_t i = 0; i < in->snapshot->n_logs; i++)
    {
      WeftModelLog log;

      weft_model_log (in->model, i, &log);
      if (log.task != in->task || (in->moment != NULL && log.at_ns > in->moment->at_ns))
        continue;
      g_string_append_len (text, log.bytes, (gssize) log.n_bytes);
      if (text->len > 4 * WEFTLINE_FACTS_MAX_OUTPUT)
        g_string_erase (text, 0, (gssize) text->len - 2 * WEFTLINE_FACTS_MAX_OUTPUT);
    }
  if (text->len == 0)
    return;
  _weftline_fact_add (in, WEFTLINE_FACT_HEADING, _ ("Wrote"), g_strdup (""));
  add_block (in, "", text->str, text->len);
}

void
_weftline_add_errors (WeftlineInspection *in)
{
  WeftModelState state = _weftline_state_of (in, in->task);
  WeftModelErrorText errors[WEFTLINE_FACTS_MAX_ERRORS];
  bool has_output = false;
  uint32_t n = 0, n_shown;

  if (state == WEFT_TASK_ERRED || weft_model_task_attempts (in->model, in->task) > 0)
    n = find_errors (in, errors);
  n_shown = MIN (n, WEFTLINE_FACTS_MAX_ERRORS);
  if (n > 0)
    {
      g_autofree char *shown = weftline_format_count (n_shown);
      g_autofree char *all = weftline_format_count (n);

      _weftline_fact_add (in, WEFTLINE_FACT_HEADING, ngettext ("Error", "Errors", n),
                          n > 1 ? g_strdup_printf (_ ("%s of %s"), shown, all) : g_strdup (""));
    }
  for (uint32_t i = 0; i < n_shown; i++)
    {
      add_error (in, &errors[i]);
      has_output |= errors[i].output[0] != '\0';
    }
  if (n == 0 && (state == WEFT_TASK_ERRED || state == WEFT_TASK_CANCELLED)
      && in->attempts->len == 0)
    add_cause (in);
  if (!has_output)
    add_log (in);
}
