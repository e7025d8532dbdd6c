/* where-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "where/where-words.h"

#include "canvas/lane-text.h"
#include "canvas/number-format.h"
#include "where/where-layout.h"

#include <glib/gi18n.h>

#define MOST_AWAITED 4 /* groups that are named */
#define MOST_GROUPS 256

static const char *const names[WEFT_TIME_N_USES] = {
  [WEFT_TIME_RUNNING] = N_ ("running tasks"),
  [WEFT_TIME_BLOCKED] = N_ ("blocked in tasks"),
  [WEFT_TIME_NO_TASK] = N_ ("no task ready"),
  [WEFT_TIME_RESOURCE] = N_ ("resource limit"),
  [WEFT_TIME_RETRY] = N_ ("retry delay"),
  [WEFT_TIME_MEMORY_PAUSE] = N_ ("memory pause"),
  [WEFT_TIME_SPILL] = N_ ("spill read and write"),
  [WEFT_TIME_TRANSFER] = N_ ("transfer"),
  [WEFT_TIME_PAUSED] = N_ ("paused"),
  [WEFT_TIME_SLOWED] = N_ ("slow motion"),
  [WEFT_TIME_ELSEWHERE] = N_ ("other runs"),
  [WEFT_TIME_RECORDER] = N_ ("recorder"),
  [WEFT_TIME_UNRECORDED] = N_ ("not recorded"),
  [WEFT_TIME_OTHER] = N_ ("marked by the program"),
  [WEFT_TIME_SCHEDULER] = N_ ("scheduler"),
};

static const char *const abouts[WEFT_TIME_N_USES] = {
  [WEFT_TIME_RUNNING] = N_ ("Workers were inside tasks."),
  [WEFT_TIME_BLOCKED] = N_ ("Tasks waited for results they had asked for themselves."),
  [WEFT_TIME_NO_TASK] =
      N_ ("Workers slept: what was left to do, if anything, waited for tasks that had not ended."),
  [WEFT_TIME_RESOURCE] = N_ ("Workers slept while a ready task waited for a resource."),
  [WEFT_TIME_RETRY] = N_ ("Workers slept while a failed task waited for its next attempt."),
  [WEFT_TIME_MEMORY_PAUSE] =
      N_ ("Workers were held back: memory was too full for new results to be begun."),
  [WEFT_TIME_SPILL] = N_ ("Results were written to disk or read back."),
  [WEFT_TIME_TRANSFER] = N_ ("Results were moved between workers, packed or unpacked."),
  [WEFT_TIME_PAUSED] = N_ ("The run was paused."),
  [WEFT_TIME_SLOWED] = N_ ("Slow motion let no task start."),
  [WEFT_TIME_ELSEWHERE] = N_ ("Workers served other runs."),
  [WEFT_TIME_RECORDER] = N_ ("Workers waited until their records could be taken."),
  [WEFT_TIME_UNRECORDED] = N_ ("Records were dropped: what happened is not known."),
  [WEFT_TIME_OTHER] = N_ ("Spans the program marked itself."),
  [WEFT_TIME_SCHEDULER] = N_ ("Between tasks: results were handed on, tasks chosen or looked for, "
                              "and sleepers woken though a task was ready."),
};

const char *
weftline_where_use_name (WeftTimeUse use)
{
  return _ (names[use]);
}

const char *
weftline_where_use_about (WeftTimeUse use)
{
  return _ (abouts[use]);
}

char *
weftline_where_share (int permille, int64_t ns)
{
  if (permille == 0 && ns > 0)
    return g_strdup_printf ("< %.1f" WEFTLINE_NO_BREAK_SPACE "%%", 0.1);
  return g_strdup_printf ("%.1f" WEFTLINE_NO_BREAK_SPACE "%%", permille / 10.0);
}

char *
weftline_where_row_name (const WeftTimeRow *row)
{
  return row->name[0] != '\0' || row->worker != WEFT_NONE
             ? weftline_lane_text (row->name, row->worker, row->nth)
             : g_strdup_printf (_ ("lane %u"), row->lane);
}

/* “beside tasks: transfer 3.2 s, disk 1.1 s”. (transfer full) (nullable): there is nothing */
static char *
beside_text (const WeftTimeAccount *account)
{
  static const char *const besides[WEFT_BESIDE_N] = {
    [WEFT_BESIDE_TRANSFER] = N_ ("transfer"),
    [WEFT_BESIDE_DISK] = N_ ("disk"),
    [WEFT_BESIDE_PHASE] = N_ ("packing and unpacking"),
  };
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < WEFT_BESIDE_N; i++)
    {
      int64_t ns = weft_time_account_beside (account, (WeftTimeBeside) i);
      g_autofree char *time = weftline_format_duration (ns);

      if (ns == 0)
        continue;
      if (text->len == 0)
        /* Translators: what workers did while tasks ran, then how long which of it took */
        g_string_append_printf (text, "%s ", _ ("beside tasks:"));
      else
        g_string_append (text, ", ");
      g_string_append_printf (text, "%s %s", _ (besides[i]), time);
    }
  return g_string_free (text, text->len == 0);
}

/* With what was done beside. @words: (transfer full). (transfer full) */
static char *
add_beside (char *words, const WeftTimeAccount *account, const char *between)
{
  g_autofree char *beside = beside_text (account);
  char *both;

  if (beside == NULL)
    return words;
  both = g_strconcat (words, between, beside, NULL);
  g_free (words);
  return both;
}

/* Of all workers, each as long as it was there. (transfer full) */
static char *
time_of_all (const WeftTimeAccount *account)
{
  WeftTimeRow total;

  weft_time_account_total (account, &total);
  return weftline_format_duration (total.total_ns);
}

char *
weftline_where_figures (const WeftTimeAccount *account)
{
  uint32_t n = weft_time_account_n_rows (account);
  g_autofree char *count = weftline_format_count (n);
  g_autofree char *all = time_of_all (account);

  /* Translators: so many workers, which were there for so long, summed up */
  return g_strdup_printf (ngettext ("%s worker, %s", "%s workers, %s together", n), count, all);
}

static char *
workers_shown (const WeftTimeAccount *account, uint32_t n_shown)
{
  uint32_t n = weft_time_account_n_rows (account);
  g_autofree char *shown = weftline_format_count (n_shown);
  g_autofree char *all = weftline_format_count (n);
  g_autofree char *together = time_of_all (account);

  if (n_shown >= n || n_shown == 0) /* without any strip all stand in that of all */
    return weftline_where_figures (account);
  /* Translators: so many workers of so many are seen; all were there for so long, summed up */
  return g_strdup_printf (ngettext ("%s of %s worker, %s", "%s of %s workers, all %s together", n),
                          shown, all, together);
}

char *
weftline_where_caption (const WeftTimeAccount *account, const WeftlineWhereLayout *layout)
{
  g_autofree char *workers = add_beside (workers_shown (account, layout->n_shown), account, " · ");

  if (layout->n_entries_shown >= layout->n_entries)
    return g_steal_pointer (&workers);
  /* Translators: so many of so many uses of time are listed; “3 of 16 workers, all
   * 1 m 44 s together” */
  return g_strdup_printf (_ ("%u of %u uses, %s"), layout->n_entries_shown, layout->n_entries,
                          workers);
}

/* The most first. */
static void
sort_uses (const int64_t *ns, unsigned *uses)
{
  for (unsigned i = 0; i < WEFT_TIME_N_USES; i++)
    {
      unsigned k = i;

      for (; k > 0 && ns[uses[k - 1]] < ns[i]; k--)
        uses[k] = uses[k - 1];
      uses[k] = i;
    }
}

/* A line for each use there is, after what is in the text already. */
static void
append_uses (GString *text, const WeftTimeRow *row, const char *between)
{
  int permille[WEFT_TIME_N_USES];
  unsigned uses[WEFT_TIME_N_USES];

  weftline_where_permille (row->ns, permille);
  sort_uses (row->ns, uses);
  for (unsigned i = 0; i < WEFT_TIME_N_USES && row->ns[uses[i]] > 0; i++)
    {
      g_autofree char *share = weftline_where_share (permille[uses[i]], row->ns[uses[i]]);

      g_string_append_printf (text, "%s%s %s", between, weftline_where_use_name (uses[i]), share);
      between = between[0] == '\n' ? between : ", ";
    }
}

char *
weftline_where_summary (const WeftTimeAccount *account)
{
  g_autofree char *figures = weftline_where_figures (account);
  GString *text = g_string_new (figures);
  WeftTimeRow total;

  weft_time_account_total (account, &total);
  append_uses (text, &total, ": ");
  return add_beside (g_string_free (text, FALSE), account, ", ");
}

/* What is awaited is known once the next task of the worker is. */
static void
append_rest (GString *text, int64_t rest_ns)
{
  g_autofree char *ns = weftline_format_duration (rest_ns);

  if (rest_ns <= 0)
    return;
  g_string_append_c (text, '\n');
  /* Translators: for so long */
  g_string_append_printf (text, _ ("no task came after it: %s"), ns);
}

static void
append_awaited (GString *text, const WeftTimeAccount *account, const WeftModel *model, uint32_t row,
                int64_t rest_ns)
{
  WeftTimeAwaited awaited[MOST_GROUPS];
  uint32_t n = weft_time_account_awaited (account, row, awaited, MOST_GROUPS);

  for (uint32_t i = 0; i < n; i++)
    rest_ns -= awaited[i].ns;
  for (uint32_t i = 0; i < MIN (n, MOST_AWAITED); i++)
    {
      g_autofree char *ns = weftline_format_duration (awaited[i].ns);
      g_autofree char *longest = weftline_format_duration (awaited[i].longest_ns);
      g_autofree char *key = weft_model_task_dup_key (model, awaited[i].longest_task);
      WeftModelGroup group = { .name = key };

      if (awaited[i].group < WEFT_NO_GROUP)
        weft_model_group (model, awaited[i].group, &group);
      g_string_append_c (text, '\n');
      /* Translators: a group of tasks, how long it was waited for, how long at most and for which
       * task */
      g_string_append_printf (text, _ ("awaited %s: %s, at most %s (%s)"), group.name, ns, longest,
                              key);
    }
  if (n < MOST_GROUPS)
    append_rest (text, rest_ns);
}

char *
weftline_where_explain (const WeftTimeAccount *account, const WeftModel *model, uint32_t row,
                        WeftTimeUse use)
{
  g_autofree char *name = NULL;
  g_autofree char *all = NULL;
  g_autofree char *part = NULL;
  g_autofree char *share = NULL;
  GString *text = g_string_new (NULL);
  WeftTimeRow times;
  int permille[WEFT_TIME_N_USES];

  if (row == WEFT_NONE)
    weft_time_account_total (account, &times);
  else
    weft_time_account_row (account, row, &times);
  name = row == WEFT_NONE ? g_strdup (_ ("all workers")) : weftline_where_row_name (&times);
  all = weftline_format_duration (times.total_ns);
  if (use == WEFT_TIME_N_USES)
    {
      g_string_append_printf (text, "%s · %s", name, all);
      append_uses (text, &times, "\n");
      return row == WEFT_NONE ? add_beside (g_string_free (text, FALSE), account, "\n")
                              : g_string_free (text, FALSE);
    }
  part = weftline_format_duration (times.ns[use]);
  weftline_where_permille (times.ns, permille);
  share = weftline_where_share (permille[use], times.ns[use]);
  g_string_append_printf (text, "%s · %s\n", weftline_where_use_name (use), share);
  /* Translators: of all workers, or of one: so long of so long */
  g_string_append_printf (text, _ ("%s: %s of %s"), name, part, all);
  if (use == WEFT_TIME_NO_TASK)
    append_awaited (text, account, model, row, times.ns[use]);
  g_string_append_printf (text, "\n%s", weftline_where_use_about (use));
  return g_string_free (text, FALSE);
}
