/* cpu-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/cpu-text.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

/* (transfer full) */
static char *
unknown (const WeftSpan *span, int64_t took_ns)
{
  if ((span->how & 15) == WEFT_HOW_FOREIGN)
    return g_strdup (_ ("not known: not recorded"));
  if (took_ns < WEFT_RECORD_CPU_NS)
    {
      g_autofree char *least = weftline_format_duration (WEFT_RECORD_CPU_NS);

      /* Translators: CPU time, of a task shorter than that */
      return g_strdup_printf (_ ("not known: shorter than %s"), least);
    }
  /* Translators: CPU time; it was not looked at when the task started */
  return g_strdup (_ ("not known: not measured from its start"));
}

char *
weftline_cpu_text (const WeftModel *model, uint32_t lane, uint64_t index)
{
  uint64_t attempt = 1, own_ns = 0;
  int64_t programs_ns = 0, took_ns;
  bool knows_own, knows_programs;
  g_autofree char *time = NULL;
  g_autofree char *share = NULL;
  g_autofree char *own = NULL;
  const WeftSpan *span;
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  span = weft_spans_get (info.spans, index);
  took_ns = span->end_ns - span->start_ns;
  weft_model_span_detail (model, lane, index, WEFT_RECORD_ATTEMPT, &attempt);
  knows_own = weft_model_span_detail (model, lane, index, WEFT_RECORD_TASK_CPU, &own_ns);
  knows_programs = span->task != WEFT_NONE
                   && weft_model_child_cpu (model, span->task, (uint32_t) attempt, &programs_ns);
  if (took_ns <= 0 || !(knows_own || knows_programs))
    return unknown (span, took_ns);
  time = weftline_format_duration ((int64_t) own_ns + programs_ns);
  share = weftline_format_share ((double) (own_ns + (uint64_t) programs_ns) / (double) took_ns);
  if (!knows_programs)
    return g_strdup_printf ("%s, %s", time, share);
  if (!knows_own)
    /* Translators: CPU time of programs that a task started, and its share of the task's time */
    return g_strdup_printf (_ ("%s, %s, of its programs alone"), time, share);
  own = weftline_format_duration ((int64_t) own_ns);
  /* Translators: CPU time of a task and of programs that it started, and its share of the task's
   * time; the time of the task without these */
  return g_strdup_printf (_ ("%s, %s, with its programs (%s without)"), time, share, own);
}
