/* control-commands.c: the commands that a run takes while it goes on
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A line is a command's name and, after one space, its argument: all the rest, in which \n stands
 * for a line feed and \\ for a backslash. data/doc/control.md tells of each.
 */
#include "config.h"

#include "base/weft-nearest-private.h"
#include "cli/weft-cli-control-private.h"

#include <string.h>

#define MAX_WORKERS 1024

static bool fail (GError **error, WeftEngineError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static bool
fail (GError **error, WeftEngineError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (WEFT_ENGINE_ERROR, code, format, arguments);
  va_end (arguments);
  return false;
}

/* ---- what they do ---------------------------------------------------------------------------- */

static bool
do_pause (WeftControlTarget *target, const WeftOrder *order G_GNUC_UNUSED,
          GError **error G_GNUC_UNUSED)
{
  weft_run_pause (target->run);
  return true;
}

static bool
do_resume (WeftControlTarget *target, const WeftOrder *order G_GNUC_UNUSED,
           GError **error G_GNUC_UNUSED)
{
  weft_run_resume (target->run);
  return true;
}

static bool
do_cancel (WeftControlTarget *target, const WeftOrder *order G_GNUC_UNUSED,
           GError **error G_GNUC_UNUSED)
{
  weft_run_cancel (target->run);
  return true;
}

static bool
cannot_step (WeftRun *run, const char *group, GError **error)
{
  WeftRunPhase phase = weft_run_phase (run);

  if (phase >= WEFT_RUN_DONE)
    return fail (error, WEFT_ENGINE_ERROR_STATE, "the run has ended");
  if (phase != WEFT_RUN_PAUSED)
    return fail (error, WEFT_ENGINE_ERROR_STATE, "the run is not paused");
  if (group != NULL)
    return fail (error, WEFT_ENGINE_ERROR_STATE, "no task of group “%s” is ready", group);
  return fail (error, WEFT_ENGINE_ERROR_STATE, "no task is ready");
}

static bool
do_step (WeftControlTarget *target, const WeftOrder *order G_GNUC_UNUSED, GError **error)
{
  return weft_run_step (target->run) || cannot_step (target->run, NULL, error);
}

static bool
do_step_group (WeftControlTarget *target, const WeftOrder *order, GError **error)
{
  return weft_run_step_group (target->run, order->text)
         || cannot_step (target->run, order->text, error);
}

static bool
do_slow_motion (WeftControlTarget *target, const WeftOrder *order, GError **error G_GNUC_UNUSED)
{
  weft_run_set_slow_motion (target->run, (int64_t) order->number);
  return true;
}

static bool
do_workers (WeftControlTarget *target, const WeftOrder *order, GError **error)
{
  return weft_engine_set_workers (target->engine, (uint32_t) order->number, error);
}

static bool
do_memory_limit (WeftControlTarget *target, const WeftOrder *order, GError **error G_GNUC_UNUSED)
{
  weft_run_set_memory_limit (target->run, order->number);
  return true;
}

static bool
has_key (WeftRun *run, const char *key)
{
  bool found = false;

  for (uint32_t i = 0; i < weft_run_n_segments (run) && !found; i++)
    {
      WeftGraph *graph = weft_run_segment (run, i);

      found = graph != NULL && weft_graph_find (graph, key, -1) != WEFT_NONE;
      weft_graph_unref (graph);
    }
  return found;
}

static bool
do_break_at (WeftControlTarget *target, const WeftOrder *order, GError **error)
{
  /* looked for first: what is not there leaves no record */
  if (has_key (target->run, order->text) && weft_run_break_at_key (target->run, order->text))
    return true;
  return fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "no task “%s”", order->text);
}

static bool
do_break_at_group (WeftControlTarget *target, const WeftOrder *order, GError **error G_GNUC_UNUSED)
{
  weft_run_break_at_group (target->run, order->text); /* it may come later */
  return true;
}

static bool
do_break_on_error (WeftControlTarget *target, const WeftOrder *order, GError **error G_GNUC_UNUSED)
{
  weft_run_break_on_error (target->run, order->number == 1);
  return true;
}

static bool
do_break_above (WeftControlTarget *target, const WeftOrder *order, GError **error G_GNUC_UNUSED)
{
  weft_run_break_above_bytes (target->run, order->number);
  return true;
}

static bool
do_clear_break_at (WeftControlTarget *target, const WeftOrder *order, GError **error)
{
  return weft_run_clear_break_at_key (target->run, order->text)
         || fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "no task “%s”", order->text);
}

static bool
do_clear_break_at_group (WeftControlTarget *target, const WeftOrder *order,
                         GError **error G_GNUC_UNUSED)
{
  weft_run_clear_break_at_group (target->run, order->text);
  return true;
}

static bool
do_clear_breaks (WeftControlTarget *target, const WeftOrder *order G_GNUC_UNUSED,
                 GError **error G_GNUC_UNUSED)
{
  weft_run_clear_breakpoints (target->run);
  return true;
}

static bool
do_run_to (WeftControlTarget *target, const WeftOrder *order, GError **error)
{
  if (!has_key (target->run, order->text))
    return fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "no task “%s”", order->text);
  weft_run_clear_breakpoints (target->run);
  weft_run_break_at_key (target->run, order->text);
  weft_run_resume (target->run);
  return true;
}

static bool
do_annotate (WeftControlTarget *target, const WeftOrder *order, GError **error G_GNUC_UNUSED)
{
  weft_run_annotate (target->run, order->text);
  return true;
}

static bool
do_at_hang_up (WeftControlTarget *target, const WeftOrder *order, GError **error G_GNUC_UNUSED)
{
  target->cancel_at_hang_up = order->number == 1;
  return true;
}

/* ---- the table ------------------------------------------------------------------------------- */

typedef enum
{
  TAKES_NOTHING,
  TAKES_KEY,
  TAKES_GROUP,
  TAKES_TEXT,
  TAKES_TIME,
  TAKES_SIZE,
  TAKES_WORKERS,
  TAKES_SWITCH,
  TAKES_HANG_UP,
} Takes;

static const char *const switch_words[] = { "off", "on", NULL };
static const char *const hang_up_words[] = { "go-on", "cancel", NULL };

typedef struct
{
  const char *name;
  Takes takes;
  WeftOrderKind kind;
  bool (*apply) (WeftControlTarget *target, const WeftOrder *order, GError **error);
} Command;

static const Command commands[] = {
  { "annotate", TAKES_TEXT, WEFT_ORDER_RUNNING, do_annotate },
  { "at-hang-up", TAKES_HANG_UP, WEFT_ORDER_SETTING, do_at_hang_up },
  { "break-above", TAKES_SIZE, WEFT_ORDER_SETTING, do_break_above },
  { "break-at", TAKES_KEY, WEFT_ORDER_SETTING, do_break_at },
  { "break-at-group", TAKES_GROUP, WEFT_ORDER_SETTING, do_break_at_group },
  { "break-on-error", TAKES_SWITCH, WEFT_ORDER_SETTING, do_break_on_error },
  { "cancel", TAKES_NOTHING, WEFT_ORDER_RUNNING, do_cancel },
  { "clear-break-at", TAKES_KEY, WEFT_ORDER_SETTING, do_clear_break_at },
  { "clear-break-at-group", TAKES_GROUP, WEFT_ORDER_SETTING, do_clear_break_at_group },
  { "clear-breaks", TAKES_NOTHING, WEFT_ORDER_SETTING, do_clear_breaks },
  { "memory-limit", TAKES_SIZE, WEFT_ORDER_SETTING, do_memory_limit },
  { "pause", TAKES_NOTHING, WEFT_ORDER_RUNNING, do_pause },
  { "resume", TAKES_NOTHING, WEFT_ORDER_RUNNING, do_resume },
  { "run-to", TAKES_KEY, WEFT_ORDER_RUNNING, do_run_to },
  { "slow-motion", TAKES_TIME, WEFT_ORDER_SETTING, do_slow_motion },
  { "step", TAKES_NOTHING, WEFT_ORDER_WAITING, do_step },
  { "step-group", TAKES_GROUP, WEFT_ORDER_WAITING, do_step_group },
  { "workers", TAKES_WORKERS, WEFT_ORDER_SETTING, do_workers },
};

/* ---- understanding a line -------------------------------------------------------------------- */

char *
_weft_cli_control_escape (const char *text)
{
  GString *escaped = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (*text == '\n')
      g_string_append (escaped, "\\n");
    else if (*text == '\\')
      g_string_append (escaped, "\\\\");
    else
      g_string_append_c (escaped, *text);
  return g_string_free (escaped, FALSE);
}

/* (transfer full) (nullable) */
static char *
unescape (const char *text, GError **error)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (*text != '\\')
      g_string_append_c (plain, *text);
    else if (text[1] == 'n' || text[1] == '\\')
      g_string_append_c (plain, *++text == 'n' ? '\n' : '\\');
    else
      {
        fail (error, WEFT_ENGINE_ERROR_ARGUMENT,
              "a backslash in an argument is written “\\\\”, a line feed “\\n”");
        return NULL;
      }
  return g_string_free (g_steal_pointer (&plain), FALSE);
}

/* (nullable): with @error */
static const Command *
find_command (const char *name, GError **error)
{
  g_autofree char *shown = _weft_cli_fit (name, 40, false);
  WeftNearest nearest;

  _weft_nearest_init (&nearest, name, strlen (name));
  for (uint32_t i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (strcmp (commands[i].name, name) == 0)
        return &commands[i];
      _weft_nearest_offer (&nearest, commands[i].name, strlen (commands[i].name), i);
    }
  if (nearest.best != WEFT_NONE)
    fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "no command “%s”; did you mean “%s”?", shown,
          commands[nearest.best].name);
  else
    fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "no command “%s”", shown);
  return NULL;
}

static bool
understand_word (const char *name, const char *const *words, WeftOrder *order, GError **error)
{
  int word = _weft_cli_choice (name, order->text, words, error);

  order->number = (uint64_t) MAX (word, 0);
  return word >= 0;
}

static bool
understand_argument (const Command *command, WeftOrder *order, GError **error)
{
  int64_t number = 0;
  bool good = true;

  switch (command->takes)
    {
    case TAKES_TIME:
      good = _weft_cli_duration (command->name, order->text, &number, error);
      order->number = (uint64_t) number;
      return good;
    case TAKES_SIZE:
      return _weft_cli_size (order->text, &order->number, error);
    case TAKES_WORKERS:
      good = _weft_cli_number (command->name, order->text, 1, MAX_WORKERS, &number, error);
      order->number = (uint64_t) number;
      return good;
    case TAKES_SWITCH:
      return understand_word (command->name, switch_words, order, error);
    case TAKES_HANG_UP:
      return understand_word (command->name, hang_up_words, order, error);
    case TAKES_NOTHING:
    case TAKES_KEY:
    case TAKES_GROUP:
    case TAKES_TEXT:
    default:
      return true;
    }
}

static const char *
expected (Takes takes)
{
  static const char *const words[] = {
    [TAKES_NOTHING] = "nothing",
    [TAKES_KEY] = "a task's key",
    [TAKES_GROUP] = "a group's name",
    [TAKES_TEXT] = "a text",
    [TAKES_TIME] = "a duration",
    [TAKES_SIZE] = "a number of bytes",
    [TAKES_WORKERS] = "a number",
    [TAKES_SWITCH] = "“on” or “off”",
    [TAKES_HANG_UP] = "“go-on” or “cancel”",
  };

  return words[takes];
}

/* Bytes that no command can have. */
static bool
check_line (const char *line, size_t n_chars, GError **error)
{
  if (n_chars == 0)
    return fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "an empty line");
  if (memchr (line, '\0', n_chars) != NULL)
    return fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "a zero byte in the line");
  if (!g_utf8_validate (line, (gssize) n_chars, NULL))
    return fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "the line is not UTF-8");
  return true;
}

bool
_weft_cli_control_understand (const char *line, size_t n_chars, WeftOrder *order, GError **error)
{
  g_autofree char *name = NULL;
  const Command *command;
  char *space;

  *order = (WeftOrder){ 0 };
  if (!check_line (line, n_chars, error))
    return false;
  name = g_strndup (line, n_chars);
  space = strchr (name, ' ');
  if (space != NULL)
    *space = '\0';
  command = find_command (name, error);
  if (command == NULL)
    return false;
  if ((space != NULL) != (command->takes != TAKES_NOTHING) || (space != NULL && space[1] == '\0'))
    return fail (error, WEFT_ENGINE_ERROR_ARGUMENT, "%s: %s expected%s", name,
                 expected (command->takes), space != NULL ? "" : " after it");
  order->number_of_command = (uint32_t) (command - commands);
  order->kind = command->kind;
  order->text = space != NULL ? unescape (space + 1, error) : NULL;
  if ((space == NULL || order->text != NULL) && understand_argument (command, order, error))
    return true;
  _weft_cli_order_clear (order);
  return false;
}

bool
_weft_cli_control_apply (WeftControlTarget *target, const WeftOrder *order, GError **error)
{
  if (weft_run_phase (target->run) >= WEFT_RUN_DONE)
    return fail (error, WEFT_ENGINE_ERROR_STATE, "the run has ended");
  return commands[order->number_of_command].apply (target, order, error);
}

void
_weft_cli_order_clear (WeftOrder *order)
{
  g_clear_pointer (&order->text, g_free);
}
