/* test-bars.c: tests of progress as lines of text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "cli/weft-cli-run-private.h"

#include <string.h>

#define N_BARS 50

static uint32_t
count_of (const char *text, const char *part)
{
  uint32_t n = 0;

  for (const char *at = text; (at = strstr (at, part)) != NULL; at += strlen (part))
    n++;
  return n;
}

static void
a_bar_has_its_parts (void)
{
  const WeftBar bar = { "inc", 100, 50, 10, 20, 1500000 };
  const WeftBars bars = { .title = "g",
                          .n_tasks = 100,
                          .n_done = 50,
                          .n_running = 10,
                          .n_erred = 20,
                          .elapsed_ns = 2000000000,
                          .eta_ns = 1000000000,
                          .eta_low_ns = 800000000,
                          .eta_high_ns = 12300000000,
                          .bars = &bar,
                          .n_bars = 1 };
  g_autofree char *text = _weft_cli_bars_layout (&bars, 100, 10, false);
  g_autofree char *plain = _weft_cli_bars_plain (&bars);
  uint32_t done = count_of (text, "█"), erred = count_of (text, "▚");
  uint32_t running = count_of (text, "▒"), waiting = count_of (text, "░");

  g_assert_cmpuint (done, ==, 20); /* of 40 columns */
  g_assert_cmpuint (erred, ==, 8);
  g_assert_cmpuint (running, ==, 4);
  g_assert_cmpuint (waiting, ==, 8);
  g_assert_nonnull (strstr (text, "  done  run  wait  err     each\n"));
  g_assert_nonnull (strstr (text, "  50/100   10    20   20  1.50 ms\n"));
  g_assert_true (g_str_has_prefix (text, "g: 50 of 100 tasks, 20 erred, 10 running, 20 waiting, "
                                         "2.00 s, about 1.0 s left (0.8 s – 12 s)\n"));
  g_assert_cmpstr (plain, ==,
                   "50 of 100 tasks, 20 erred, 10 running, 20 waiting, 2.00 s, about 1.0 s left "
                   "(0.8 s – 12 s)");
}

/* Counts, errors and the time left stay however narrow it is; then the name, then the rest. */
static void
short_lines_say_what_matters (void)
{
  const WeftBars bars = { .title = "a graph with a long name",
                          .n_tasks = 1000,
                          .n_done = 500,
                          .n_running = 2,
                          .n_erred = 3,
                          .elapsed_ns = 65000000000,
                          .eta_ns = 12340000000,
                          .eta_at_least = true,
                          .memory_bytes = 1 << 20,
                          .spilled_bytes = 1 << 20 };
  static const char *const expected[] = {
    "500 of 1,000 tasks, 3 erred, more than 12 s left",
    "500 of 1,000 tasks, 3 erred, 65.0 s, more than 12 s left",
    "a graph with a long name: 500 of 1,000 tasks, 3 erred, 2 running, 65.0 s, "
    "more than 12 s left",
    "a graph with a long name: 500 of 1,000 tasks, 3 erred, 2 running, 495 waiting, 65.0 s, "
    "more than 12 s left, 1.00 MiB of results, 1.00 MiB spilled",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *text =
          _weft_cli_bars_layout (&bars, _weft_cli_columns (expected[i]), 1, false);
      g_autofree char *line = g_strconcat (expected[i], "\n", NULL);

      g_assert_cmpstr (text, ==, line);
    }
}

/* One statement: a lower bound goes without a band, and without a number says nothing. */
static void
time_left_is_one_statement (void)
{
  WeftBars bars = { .n_tasks = 10,
                    .n_done = 2,
                    .elapsed_ns = 2000000000,
                    .eta_ns = 1400000000,
                    .eta_low_ns = INT64_C (39000000000),
                    .eta_high_ns = INT64_C (140000000000),
                    .eta_at_least = true };
  g_autofree char *bound = _weft_cli_bars_plain (&bars);

  g_assert_true (g_str_has_suffix (bound, ", more than 1.4 s left"));
  bars.eta_ns = 49000000;
  g_autofree char *none = _weft_cli_bars_plain (&bars);
  g_assert_null (strstr (none, "left"));
  bars.eta_at_least = false;
  bars.eta_ns = INT64_C (80000000000);
  g_autofree char *measured = _weft_cli_bars_plain (&bars);
  g_assert_true (g_str_has_suffix (measured, ", about 80 s left (39 s – 2 min 20 s)"));
}

/* What went wrong is not crowded out by what is done. */
static void
erred_groups_are_shown_first (void)
{
  WeftBar list[N_BARS];
  const WeftBars bars = { .n_tasks = N_BARS, .bars = list, .n_bars = N_BARS };

  for (uint32_t i = 0; i < N_BARS; i++)
    list[i] = (WeftBar){ i == N_BARS - 2 ? "broken" : "other", 1, i != N_BARS - 2, 0, 0, -1 };
  list[N_BARS - 2].n_erred = 1;
  g_autofree char *text = _weft_cli_bars_layout (&bars, 80, 10, false);

  g_assert_nonnull (strstr (text, "broken"));
  g_assert_nonnull (strstr (text, "0/1    1\n"));
}

static void
one_task_is_always_seen (void)
{
  const WeftBar bar = { "x", 1000000, 1, 1, 1, -1 };
  const WeftBars bars = { .n_tasks = 1000000, .bars = &bar, .n_bars = 1 };
  g_autofree char *text = _weft_cli_bars_layout (&bars, 80, 10, false);

  g_assert_cmpuint (count_of (text, "█"), ==, 1);
  g_assert_cmpuint (count_of (text, "▚"), ==, 1);
  g_assert_cmpuint (count_of (text, "▒"), ==, 1);
}

static void
make_random_bars (WeftBar *list, uint32_t n)
{
  static const char *const names[] = { "a", "a rather long name of a group, longer than others",
                                       "漢字", "('x', 0)" };

  for (uint32_t i = 0; i < n; i++)
    {
      uint64_t n_tasks = (uint64_t) g_test_rand_int_range (1, 1000);
      uint64_t n_done = (uint64_t) g_test_rand_int_range (0, (int) n_tasks + 1);
      uint64_t rest = n_tasks - n_done;
      uint64_t n_running = rest > 0 ? (uint64_t) g_test_rand_int_range (0, (int) rest + 1) : 0;

      list[i] = (WeftBar){
        names[g_test_rand_int_range (0, 4)], n_tasks, n_done, n_running, rest - n_running,
        g_test_rand_int_range (-1, 1000000)
      };
    }
}

/* No line is wider, and there are no more lines, than the terminal has. */
static void
lines_fit_the_terminal (void)
{
  WeftBar list[N_BARS];

  for (int round = 0; round < 500; round++)
    {
      uint32_t n = (uint32_t) g_test_rand_int_range (0, N_BARS + 1);
      uint32_t columns = (uint32_t) g_test_rand_int_range (1, 200);
      uint32_t rows = (uint32_t) g_test_rand_int_range (1, 60);
      const WeftBars bars = { .title = "some graph", .n_tasks = 10000, .bars = list, .n_bars = n };

      make_random_bars (list, n);
      g_autofree char *text = _weft_cli_bars_layout (&bars, columns, rows, false);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

      g_assert_cmpuint (g_strv_length (lines) - 1, <=, rows);
      g_assert_true (g_str_has_suffix (text, "\n"));
      for (char **line = lines; *line != NULL; line++)
        g_assert_cmpuint (_weft_cli_columns (*line), <=, columns);
    }
}

static void
what_is_left_out_is_said (void)
{
  WeftBar list[N_BARS];
  const WeftBars bars = { .n_tasks = N_BARS, .bars = list, .n_bars = N_BARS };

  for (uint32_t i = 0; i < N_BARS; i++)
    list[i] = (WeftBar){ i == N_BARS - 1 ? "the last" : "other", 1, i != N_BARS - 1, 0, 0, -1 };
  list[N_BARS - 1].n_running = 1;
  g_autofree char *text = _weft_cli_bars_layout (&bars, 80, 10, false);

  g_assert_nonnull (strstr (text, "7 of 50 groups shown"));
  g_assert_nonnull (strstr (text, "the last")); /* as it runs */
}

static void
colours_change_nothing_else (void)
{
  const WeftBar bar = { "inc", 10, 5, 1, 2, -1 };
  const WeftBars bars = { .n_tasks = 10, .bars = &bar, .n_bars = 1 };
  g_autofree char *plain = _weft_cli_bars_layout (&bars, 80, 10, false);
  g_autofree char *coloured = _weft_cli_bars_layout (&bars, 80, 10, true);
  g_autoptr (GRegex) codes = g_regex_new ("\033\\[[0-9]*m", 0, 0, NULL);
  g_autofree char *stripped = g_regex_replace_literal (codes, coloured, -1, 0, "", 0, NULL);

  g_assert_cmpstr (stripped, ==, plain);
  g_assert_cmpstr (coloured, !=, plain);
}

static void
json_is_one_line (void)
{
  const WeftBar list[] = { { "a\nb", 3, 1, 1, 0, 12 }, { "c", 1, 0, 0, 1, -1 } };
  const WeftBars bars = { .n_tasks = 4,
                          .n_done = 1,
                          .n_running = 1,
                          .n_erred = 1,
                          .elapsed_ns = 5,
                          .eta_ns = -1,
                          .bars = list,
                          .n_bars = 2 };
  g_autofree char *json = _weft_cli_bars_json (&bars);

  g_assert_cmpstr (json, ==,
                   "{\"event\": \"progress\", \"tasks\": 4, \"done\": 1, \"running\": 1, "
                   "\"waiting\": 1, \"erred\": 1, \"elapsed_ns\": 5, \"eta_ns\": null, "
                   "\"managed_bytes\": 0, \"spilled_bytes\": 0, \"n_groups\": 2, "
                   "\"groups\": [{\"name\": \"a\\nb\", \"tasks\": 3, \"done\": 1, \"running\": 1, "
                   "\"waiting\": 1, \"erred\": 0, \"mean_ns\": 12}, {\"name\": \"c\", "
                   "\"tasks\": 1, \"done\": 0, \"running\": 0, \"waiting\": 0, \"erred\": 1}]}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("cli", "bars", "a-bar-has-its-parts", a_bar_has_its_parts);
  test_add ("cli", "bars", "short-lines-say-what-matters", short_lines_say_what_matters);
  test_add ("cli", "bars", "time-left-is-one-statement", time_left_is_one_statement);
  test_add ("cli", "bars", "erred-groups-are-shown-first", erred_groups_are_shown_first);
  test_add ("cli", "bars", "one-task-is-always-seen", one_task_is_always_seen);
  test_add ("cli", "bars", "lines-fit-the-terminal", lines_fit_the_terminal);
  test_add ("cli", "bars", "what-is-left-out-is-said", what_is_left_out_is_said);
  test_add ("cli", "bars", "colours-change-nothing-else", colours_change_nothing_else);
  test_add ("cli", "bars", "json-is-one-line", json_is_one_line);
  return g_test_run ();
}
