/* output-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "events/output-text.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

char *
weftline_output_heading (const WeftModel *model, const WeftModelLog *log)
{
  g_autofree char *key = log->task != WEFT_NONE ? weft_model_task_dup_key (model, log->task)
                                                : g_strdup (_ ("the run"));

  return log->stream == WEFT_STREAM_ERR
             /* Translators: a task's key */
             ? g_strdup_printf (_ ("%s, standard error"), key)
             : g_steal_pointer (&key);
}

char *
weftline_output_count_text (uint64_t n_shown, uint64_t n_bytes)
{
  g_autofree char *shown = weftline_format_bytes (n_shown, WEFTLINE_BYTES_DECIMAL);
  g_autofree char *all = weftline_format_bytes (n_bytes, WEFTLINE_BYTES_DECIMAL);

  /* Translators: so many bytes of so many */
  return g_strdup_printf (_ ("%s of %s"), shown, all);
}
