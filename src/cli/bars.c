/* bars.c: a run's progress as lines of text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: figures in, text out. One line for the whole run, then one for each group:
 *
 *   two increments  2 of 3 tasks, 1 running, 1.20 s, about 0.60 s left, 12.0 MiB
 *   inc    ████████████████████  2/2            10.0 ms each
 *   total  ▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░  0/1  1 running
 *
 * Done, erred, running and waiting follow one another in a bar; whatever there is at least one of
 * is seen for at least one column.
 */
#include "cli/weft-cli-run-private.h"

#include <inttypes.h>
#include <string.h>

#define NAME_MAX_COLUMNS 24
#define BAR_MAX_COLUMNS 40
#define BAR_MIN_COLUMNS 8

enum
{
  PART_DONE,
  PART_ERRED,
  PART_RUNNING,
  PART_WAITING,
  N_PARTS,
};

static const struct
{
  const char *glyph, *colour;
} parts[N_PARTS] = {
  { "█", "\033[32m" },
  { "▚", "\033[31m" },
  { "▒", "\033[36m" },
  { "░", "\033[2m" },
};

/* How the columns of a bar are shared out. */
static void
share_columns (const WeftBar *bar, uint32_t columns, uint32_t shares[N_PARTS])
{
  const uint64_t counts[N_PARTS] = {
    bar->n_done, bar->n_erred, bar->n_running,
    bar->n_tasks - MIN (bar->n_tasks, bar->n_done + bar->n_erred + bar->n_running)
  };
  uint32_t used = 0, widest = 0;

  for (int i = 0; i < N_PARTS; i++)
    {
      double exact = (double) counts[i] * columns / (double) MAX (bar->n_tasks, 1);

      shares[i] = counts[i] > 0 ? MAX ((uint32_t) exact, 1) : 0;
      used += shares[i];
      if (shares[i] > shares[widest])
        widest = (uint32_t) i;
    }
  if (used < columns)
    shares[counts[PART_WAITING] > 0 ? PART_WAITING : (int) widest] += columns - used;
  else
    shares[widest] -= MIN (used - columns, shares[widest]);
}

static void
append_bar (GString *text, const WeftBar *bar, uint32_t columns, bool colour)
{
  uint32_t shares[N_PARTS];

  share_columns (bar, columns, shares);
  for (int i = 0; i < N_PARTS; i++)
    {
      if (shares[i] == 0)
        continue;
      if (colour)
        g_string_append (text, parts[i].colour);
      for (uint32_t k = 0; k < shares[i]; k++)
        g_string_append (text, parts[i].glyph);
      if (colour)
        g_string_append (text, "\033[0m");
    }
}

static char *
counts_text (const WeftBar *bar)
{
  g_autofree char *done = _weft_cli_count_text (bar->n_done);
  g_autofree char *all = _weft_cli_count_text (bar->n_tasks);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s/%s", done, all);
  if (bar->n_running > 0)
    g_string_append_printf (text, "  %" PRIu64 " running", bar->n_running);
  if (bar->n_erred > 0)
    g_string_append_printf (text, "  %" PRIu64 " erred", bar->n_erred);
  if (bar->mean_ns >= 0)
    {
      g_autofree char *mean = _weft_cli_time_text (bar->mean_ns);

      g_string_append_printf (text, "  %s each", mean);
    }
  return g_string_free (text, FALSE);
}

char *
_weft_cli_bars_plain (const WeftBars *bars)
{
  GString *text = g_string_new (NULL);
  g_autofree char *done = _weft_cli_count_text (bars->n_done);
  g_autofree char *all = _weft_cli_plural (bars->n_tasks, "task");
  g_autofree char *elapsed = _weft_cli_time_text (bars->elapsed_ns);

  g_string_append_printf (text, "%s of %s, %" PRIu64 " running", done, all, bars->n_running);
  if (bars->n_erred > 0)
    g_string_append_printf (text, ", %" PRIu64 " erred", bars->n_erred);
  g_string_append_printf (text, ", %s", elapsed);
  if (bars->eta_ns >= 0 && bars->n_done + bars->n_erred < bars->n_tasks)
    {
      g_autofree char *eta = _weft_cli_time_text (bars->eta_ns);

      g_string_append_printf (text, ", about %s left", eta);
    }
  if (bars->memory_bytes > 0)
    {
      g_autofree char *memory = _weft_cli_bytes_text (bars->memory_bytes);

      g_string_append_printf (text, ", %s", memory);
    }
  if (bars->spilled_bytes > 0)
    {
      g_autofree char *spilled = _weft_cli_bytes_text (bars->spilled_bytes);

      g_string_append_printf (text, ", %s spilled", spilled);
    }
  return g_string_free (text, FALSE);
}

/* 0: it runs, 1: it is begun or waits, 2: it is done. Lower ones are shown first when room is
 * short. */
static int
rank_of (const WeftBar *bar)
{
  if (bar->n_running > 0)
    return 0;
  return bar->n_done + bar->n_erred < bar->n_tasks ? 1 : 2;
}

/* Marks the groups that get a line. Returns: how many */
static uint32_t
choose (const WeftBars *bars, uint32_t room, bool *shown)
{
  uint32_t n = 0;

  for (int rank = 0; rank <= 2; rank++)
    for (uint32_t i = 0; i < bars->n_bars && n < room; i++)
      if (!shown[i] && rank_of (&bars->bars[i]) == rank)
        {
          shown[i] = true;
          n++;
        }
  return n;
}

static uint32_t
name_columns (const WeftBars *bars, const bool *shown)
{
  uint32_t columns = 0;

  for (uint32_t i = 0; i < bars->n_bars; i++)
    if (shown[i])
      columns = MAX (columns, _weft_cli_columns (bars->bars[i].name));
  return MIN (columns, NAME_MAX_COLUMNS);
}

static void
append_group (GString *text, const WeftBar *bar, uint32_t names, uint32_t columns, bool colour)
{
  g_autofree char *counts = counts_text (bar);
  uint32_t room, width;

  names = MIN (names, columns / 3);
  room = columns - names - 4;
  width = CLAMP (room / 2, BAR_MIN_COLUMNS, BAR_MAX_COLUMNS);
  g_autofree char *name = _weft_cli_fit (bar->name, names, true);
  g_autofree char *tail = _weft_cli_fit (counts, room - MIN (room, width), false);

  g_string_append_printf (text, "%s  ", name);
  append_bar (text, bar, width, colour);
  g_string_append_printf (text, "  %s\n", tail);
}

static void
append_title (GString *text, const WeftBars *bars, uint32_t columns)
{
  g_autofree char *totals = _weft_cli_bars_plain (bars);
  g_autofree char *line = bars->title != NULL && bars->title[0] != 0
                              ? g_strdup_printf ("%s: %s", bars->title, totals)
                              : g_strdup (totals);
  g_autofree char *fitted = _weft_cli_fit (line, columns, false);

  g_string_append_printf (text, "%s\n", fitted);
}

char *
_weft_cli_bars_layout (const WeftBars *bars, uint32_t columns, uint32_t rows, bool colour)
{
  GString *text = g_string_new (NULL);
  g_autofree bool *shown = g_new0 (bool, MAX (bars->n_bars, 1));
  uint32_t room = MAX (rows, 1) - 1, names, n;

  append_title (text, bars, columns);
  if (columns < 32 || room == 0)
    return g_string_free (text, FALSE);
  n = choose (bars, bars->n_bars > room ? room - 1 : room, shown);
  names = name_columns (bars, shown);
  for (uint32_t i = 0; i < bars->n_bars; i++)
    if (shown[i])
      append_group (text, &bars->bars[i], names, columns, colour);
  if (n < bars->n_bars)
    {
      g_autofree char *more = g_strdup_printf ("%u of %u groups shown", n, bars->n_bars);
      g_autofree char *fitted = _weft_cli_fit (more, columns, false);

      g_string_append_printf (text, "%s\n", fitted);
    }
  return g_string_free (text, FALSE);
}

static void
append_json_group (GString *json, const WeftBar *bar)
{
  g_string_append (json, "{\"name\": ");
  _weft_cli_json_string (json, bar->name);
  g_string_append_printf (json,
                          ", \"tasks\": %" PRIu64 ", \"done\": %" PRIu64 ", \"running\": %" PRIu64
                          ", \"erred\": %" PRIu64,
                          bar->n_tasks, bar->n_done, bar->n_running, bar->n_erred);
  if (bar->mean_ns >= 0)
    g_string_append_printf (json, ", \"mean_ns\": %" PRId64, bar->mean_ns);
  g_string_append_c (json, '}');
}

char *
_weft_cli_bars_json (const WeftBars *bars)
{
  GString *json = g_string_new ("{\"event\": \"progress\"");

  g_string_append_printf (json,
                          ", \"tasks\": %" PRIu64 ", \"done\": %" PRIu64 ", \"running\": %" PRIu64
                          ", \"erred\": %" PRIu64 ", \"elapsed_ns\": %" PRId64,
                          bars->n_tasks, bars->n_done, bars->n_running, bars->n_erred,
                          bars->elapsed_ns);
  if (bars->eta_ns >= 0)
    g_string_append_printf (json, ", \"eta_ns\": %" PRId64, bars->eta_ns);
  else
    g_string_append (json, ", \"eta_ns\": null");
  g_string_append_printf (
      json, ", \"managed_bytes\": %" PRIu64 ", \"spilled_bytes\": %" PRIu64 ", \"groups\": [",
      bars->memory_bytes, bars->spilled_bytes);
  for (uint32_t i = 0; i < bars->n_bars; i++)
    {
      if (i > 0)
        g_string_append (json, ", ");
      append_json_group (json, &bars->bars[i]);
    }
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}
