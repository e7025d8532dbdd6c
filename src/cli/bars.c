/* bars.c: a run's progress as lines of text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: figures in, text out. One line for the whole run, then one for each group:
 *
 *   two increments: 2 of 3 tasks, 1 running, 0 waiting, 1.20 s, about 0.6 s left
 *                               done  run     each
 *   inc    ████████████████████  2/2       10.0 ms
 *   total  ▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░  0/1    1
 *
 * Done, erred, running and waiting follow one another in a bar; whatever there is at least one of
 * is seen for at least one column. Where room is short the least important words and columns go
 * first.
 */
#include "cli/weft-cli-run-private.h"

#include <inttypes.h>
#include <string.h>

#define NAME_MAX_COLUMNS 24
#define BAR_MAX_COLUMNS 40
#define BAR_MIN_COLUMNS 8
#define MAX_JSON_GROUPS 1000
#define MIN_TABLE_COLUMNS 32 /* below this only the first line is shown */

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

/* ---- the whole run --------------------------------------------------------------------------- */

/* The words of the first line, in the order of their places. */
enum
{
  WORD_NAME,
  WORD_COUNTS,
  WORD_ERRED,
  WORD_RUNNING,
  WORD_WAITING,
  WORD_ELAPSED,
  WORD_LEFT,
  WORD_BAND,
  WORD_MEMORY,
  WORD_SPILLED,
  N_WORDS,
};

/* Which go first when the line is too long; counts, errors and the time left always stay. */
static const int dispensable[] = { WORD_BAND, WORD_SPILLED, WORD_MEMORY, WORD_WAITING,
                                   WORD_NAME, WORD_RUNNING, WORD_ELAPSED };

static uint64_t
n_waiting (uint64_t n_tasks, uint64_t n_done, uint64_t n_running, uint64_t n_erred)
{
  return n_tasks - MIN (n_tasks, n_done + n_running + n_erred);
}

/* No more digits than an estimate deserves. (transfer full) */
static char *
rough_text (int64_t ns)
{
  if (ns < INT64_C (9950000000))
    return g_strdup_printf ("%.1f s", (double) ns / 1e9);
  if (ns < INT64_C (99500000000))
    return g_strdup_printf ("%.0f s", (double) ns / 1e9);
  return _weft_cli_time_text ((ns + 500000000) / 1000000000 * 1000000000);
}

static bool
is_eta_said (const WeftBars *bars)
{
  return bars->eta_ns >= 0 && bars->n_done + bars->n_erred < bars->n_tasks;
}

/* (transfer full) (nullable): also while what is known of comes to nothing */
static char *
left_text (const WeftBars *bars)
{
  const char *how = bars->eta_at_least ? "more than" : "about";
  g_autofree char *time = rough_text (bars->eta_ns);
  g_autofree char *nothing = rough_text (0);

  if (!is_eta_said (bars) || (bars->eta_at_least && strcmp (time, nothing) == 0))
    return NULL;
  return g_strdup_printf ("%s %s left", how, time);
}

/* Beside “more than” it would be a second opinion: the one counts groups that were not measured as
 * nothing, the other guesses at them. (transfer full) (nullable): NULL: it says nothing more */
static char *
band_text (const WeftBars *bars)
{
  g_autofree char *low = rough_text (bars->eta_low_ns);
  g_autofree char *high = rough_text (bars->eta_high_ns);

  if (!is_eta_said (bars) || bars->eta_at_least || strcmp (low, high) == 0)
    return NULL;
  return g_strdup_printf ("(%s – %s)", low, high);
}

static char *
bytes_word (uint64_t n_bytes, const char *what)
{
  g_autofree char *text = _weft_cli_bytes_text (n_bytes);

  return n_bytes > 0 ? g_strdup_printf ("%s%s", text, what) : NULL;
}

static char *
count_word (uint64_t n, const char *what)
{
  g_autofree char *text = _weft_cli_count_text (n);

  return g_strdup_printf ("%s %s", text, what);
}

static void
fill_words (const WeftBars *bars, char *words[N_WORDS])
{
  g_autofree char *done = _weft_cli_count_text (bars->n_done);
  g_autofree char *all = _weft_cli_plural (bars->n_tasks, "task");

  words[WORD_NAME] =
      bars->title != NULL && bars->title[0] != 0 ? g_strdup_printf ("%s:", bars->title) : NULL;
  words[WORD_COUNTS] = g_strdup_printf ("%s of %s", done, all);
  words[WORD_ERRED] = bars->n_erred > 0 ? count_word (bars->n_erred, "erred") : NULL;
  words[WORD_RUNNING] = count_word (bars->n_running, "running");
  words[WORD_WAITING] = count_word (
      n_waiting (bars->n_tasks, bars->n_done, bars->n_running, bars->n_erred), "waiting");
  words[WORD_ELAPSED] = _weft_cli_time_text (bars->elapsed_ns);
  words[WORD_LEFT] = left_text (bars);
  words[WORD_BAND] = band_text (bars);
  words[WORD_MEMORY] = bytes_word (bars->memory_bytes, " of results");
  words[WORD_SPILLED] = bytes_word (bars->spilled_bytes, " spilled");
}

/* (transfer full) */
static char *
join_words (char *const words[N_WORDS])
{
  GString *line = g_string_new (words[WORD_NAME] != NULL ? words[WORD_NAME] : "");

  for (int i = WORD_COUNTS; i < N_WORDS; i++)
    if (words[i] != NULL)
      {
        if (line->len > 0)
          g_string_append (line, i == WORD_COUNTS || i == WORD_BAND ? " " : ", ");
        g_string_append (line, words[i]);
      }
  return g_string_free (line, FALSE);
}

/* (transfer full) */
static char *
title_line (const WeftBars *bars, uint32_t columns)
{
  char *words[N_WORDS];
  char *line;

  fill_words (bars, words);
  line = join_words (words);
  for (size_t i = 0; i < G_N_ELEMENTS (dispensable) && _weft_cli_columns (line) > columns; i++)
    {
      g_clear_pointer (&words[dispensable[i]], g_free);
      g_free (line);
      line = join_words (words);
    }
  for (int i = 0; i < N_WORDS; i++)
    g_free (words[i]);
  return line;
}

char *
_weft_cli_bars_plain (const WeftBars *bars)
{
  WeftBars nameless = *bars;

  nameless.title = NULL;
  return title_line (&nameless, UINT32_MAX);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Beside the bar, right-aligned below a heading. */
enum
{
  CELL_DONE,
  CELL_RUNNING,
  CELL_WAITING,
  CELL_ERRED,
  CELL_EACH,
  N_CELLS,
};

static const char *const headings[N_CELLS] = { "done", "run", "wait", "err", "each" };
/* Which columns go first where there is no room for a bar. */
static const int dispensable_cells[] = { CELL_EACH, CELL_WAITING, CELL_RUNNING };

typedef struct
{
  uint32_t names, bar; /* columns */
  uint32_t cells[N_CELLS];
} Table;

/* (transfer full): "" where there is nothing to say */
static char *
cell_text (const WeftBar *bar, int cell)
{
  const uint64_t counts[N_CELLS] = {
    [CELL_RUNNING] = bar->n_running,
    [CELL_WAITING] = n_waiting (bar->n_tasks, bar->n_done, bar->n_running, bar->n_erred),
    [CELL_ERRED] = bar->n_erred,
  };
  g_autofree char *done = NULL, *all = NULL;

  switch (cell)
    {
    case CELL_DONE:
      done = _weft_cli_count_text (bar->n_done);
      all = _weft_cli_count_text (bar->n_tasks);
      return g_strdup_printf ("%s/%s", done, all);
    case CELL_EACH:
      return bar->mean_ns >= 0 ? _weft_cli_time_text (bar->mean_ns) : g_strdup ("");
    default:
      return counts[cell] > 0 ? _weft_cli_count_text (counts[cell]) : g_strdup ("");
    }
}

static uint32_t
cells_columns (const Table *table)
{
  uint32_t columns = 0;

  for (int i = 0; i < N_CELLS; i++)
    columns += table->cells[i] > 0 ? 2 + table->cells[i] : 0;
  return columns;
}

/* Widths of what is shown; a column without any text has none. */
static void
measure (const WeftBars *bars, const bool *shown, uint32_t columns, Table *table)
{
  uint32_t taken;

  *table = (Table){ 0 };
  for (uint32_t i = 0; i < bars->n_bars; i++)
    {
      if (!shown[i])
        continue;
      table->names = MAX (table->names, _weft_cli_columns (bars->bars[i].name));
      for (int k = 0; k < N_CELLS; k++)
        {
          g_autofree char *text = cell_text (&bars->bars[i], k);

          if (*text != 0)
            table->cells[k] = MAX (table->cells[k],
                                   MAX (_weft_cli_columns (text), _weft_cli_columns (headings[k])));
        }
    }
  table->names = MIN (table->names, MIN (NAME_MAX_COLUMNS, columns / 3));
  for (size_t i = 0; i < G_N_ELEMENTS (dispensable_cells); i++)
    if (table->names + 2 + BAR_MIN_COLUMNS + cells_columns (table) > columns)
      table->cells[dispensable_cells[i]] = 0;
  taken = table->names + 2 + cells_columns (table);
  table->bar = columns > taken ? MIN (columns - taken, BAR_MAX_COLUMNS) : 0;
}

static void
append_cell (GString *text, const char *cell, uint32_t columns)
{
  uint32_t taken = _weft_cli_columns (cell);

  if (columns > 0)
    g_string_append_printf (text, "%*s%s", (int) (2 + columns - MIN (columns, taken)), "", cell);
}

static void
append_headings (GString *text, const Table *table)
{
  g_string_append_printf (text, "%*s", (int) (table->names + 2 + table->bar), "");
  for (int i = 0; i < N_CELLS; i++)
    append_cell (text, headings[i], table->cells[i]);
  g_string_append_c (text, '\n');
}

static void
append_group (GString *text, const WeftBar *bar, const Table *table, bool colour)
{
  g_autofree char *name = _weft_cli_fit (bar->name, table->names, true);

  g_string_append_printf (text, "%s  ", name);
  append_bar (text, bar, table->bar, colour);
  for (int i = 0; i < N_CELLS; i++)
    {
      g_autofree char *cell = cell_text (bar, i);

      append_cell (text, cell, table->cells[i]);
    }
  while (text->len > 0 && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
  g_string_append_c (text, '\n');
}

#define N_RANKS 5

/* Lower ones are shown first when room is short: what runs, what went wrong, what is begun, what
 * waits, what is done. */
static int
rank_of (const WeftBar *bar)
{
  if (bar->n_running > 0)
    return 0;
  if (bar->n_erred > 0)
    return 1;
  if (bar->n_done >= bar->n_tasks)
    return 4;
  return bar->n_done > 0 ? 2 : 3;
}

/* Marks the groups that get a line. Returns: how many */
static uint32_t
choose (const WeftBars *bars, uint32_t room, bool *shown)
{
  uint32_t n = 0;

  for (int rank = 0; rank < N_RANKS; rank++)
    for (uint32_t i = 0; i < bars->n_bars && n < room; i++)
      if (!shown[i] && rank_of (&bars->bars[i]) == rank)
        {
          shown[i] = true;
          n++;
        }
  return n;
}

char *
_weft_cli_bars_layout (const WeftBars *bars, uint32_t columns, uint32_t rows, bool colour)
{
  GString *text = g_string_new (NULL);
  g_autofree bool *shown = g_new0 (bool, MAX (bars->n_bars, 1));
  g_autofree char *line = title_line (bars, columns);
  g_autofree char *title = _weft_cli_fit (line, columns, false);
  uint32_t room = rows > 2 ? rows - 2 : 0, n;
  Table table;

  g_string_append_printf (text, "%s\n", title);
  if (columns < MIN_TABLE_COLUMNS || room == 0 || bars->n_bars == 0)
    return g_string_free (text, FALSE);
  n = choose (bars, bars->n_bars > room ? room - 1 : room, shown);
  measure (bars, shown, columns, &table);
  append_headings (text, &table);
  for (uint32_t i = 0; i < bars->n_bars; i++)
    if (shown[i])
      append_group (text, &bars->bars[i], &table, colour);
  if (n < bars->n_bars)
    {
      g_autofree char *more = g_strdup_printf ("%u of %u groups shown", n, bars->n_bars);
      g_autofree char *fitted = _weft_cli_fit (more, columns, false);

      g_string_append_printf (text, "%s\n", fitted);
    }
  return g_string_free (text, FALSE);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void
append_json_group (GString *json, const WeftBar *bar)
{
  g_string_append (json, "{\"name\": ");
  _weft_cli_json_string (json, bar->name);
  g_string_append_printf (json,
                          ", \"tasks\": %" PRIu64 ", \"done\": %" PRIu64 ", \"running\": %" PRIu64
                          ", \"waiting\": %" PRIu64 ", \"erred\": %" PRIu64,
                          bar->n_tasks, bar->n_done, bar->n_running,
                          n_waiting (bar->n_tasks, bar->n_done, bar->n_running, bar->n_erred),
                          bar->n_erred);
  if (bar->mean_ns >= 0)
    g_string_append_printf (json, ", \"mean_ns\": %" PRId64, bar->mean_ns);
  g_string_append_c (json, '}');
}

char *
_weft_cli_bars_json (const WeftBars *bars)
{
  GString *json = g_string_new ("{\"event\": \"progress\"");
  g_autofree bool *shown = g_new0 (bool, MAX (bars->n_bars, 1));
  uint32_t n = 0;

  g_string_append_printf (json,
                          ", \"tasks\": %" PRIu64 ", \"done\": %" PRIu64 ", \"running\": %" PRIu64
                          ", \"waiting\": %" PRIu64 ", \"erred\": %" PRIu64
                          ", \"elapsed_ns\": %" PRId64,
                          bars->n_tasks, bars->n_done, bars->n_running,
                          n_waiting (bars->n_tasks, bars->n_done, bars->n_running, bars->n_erred),
                          bars->n_erred, bars->elapsed_ns);
  if (bars->eta_ns >= 0)
    g_string_append_printf (json,
                            ", \"eta_ns\": %" PRId64 ", \"eta_at_least\": %s"
                            ", \"eta_low_ns\": %" PRId64 ", \"eta_high_ns\": %" PRId64,
                            bars->eta_ns, bars->eta_at_least ? "true" : "false", bars->eta_low_ns,
                            bars->eta_high_ns);
  else
    g_string_append (json, ", \"eta_ns\": null");
  g_string_append_printf (json,
                          ", \"managed_bytes\": %" PRIu64 ", \"spilled_bytes\": %" PRIu64
                          ", \"n_groups\": %u, \"groups\": [",
                          bars->memory_bytes, bars->spilled_bytes, bars->n_bars);
  choose (bars, MAX_JSON_GROUPS, shown);
  for (uint32_t i = 0; i < bars->n_bars; i++)
    if (shown[i])
      {
        if (n++ > 0)
          g_string_append (json, ", ");
        append_json_group (json, &bars->bars[i]);
      }
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}
