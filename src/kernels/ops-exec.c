/* ops-exec.c: the operation that runs programs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Arguments come from graphs, so each is checked: what must be text without zero bytes is, and the
 * message says which one is not. No shell is involved; who wants one says ["sh", "-c", …].
 *
 * The child gets this process's environment, with the given changes. That is the one place in the
 * library where the environment is looked at, and it is handed on unread.
 */
#include "config.h"

#include "kernels/weft-exec-private.h"
#include "kernels/weft-ops-private.h"
#include "kernels/weft-wait-private.h"

#include "base/weft-clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_LIMIT_BYTES (64 << 20)
#define MESSAGE_LINES 5

/* In the order of the parameters. */
enum
{
  ARG_ARGV,
  ARG_CWD,
  ARG_ENV,
  ARG_STDIN,
  ARG_TIMEOUT,
  ARG_AS,
  ARG_LIMIT,
  ARG_OUTPUTS,
  ARG_INPUTS,
};

/* ---- arguments ------------------------------------------------------------------------------- */

/* A word for the child: strings and files as they are, numbers as text. (transfer full) (nullable)
 * */
static char *
word_of (WeftTask *task, const WeftValue *value, const char *what)
{
  GString *word;

  if (weft_value_type (value) == WEFT_TYPE_FILE)
    return g_strdup (((const WeftFile *) value->u.box)->path);
  if (weft_value_type (value) != WEFT_TYPE_STRING && !_weft_is_number (value))
    {
      weft_task_fail (task, "found %s in %s, expected string, number or file",
                      weft_type_name (weft_value_type (value)), what);
      return NULL;
    }
  word = g_string_new (NULL);
  _weft_append_text (word, value);
  if (memchr (word->str, '\0', word->len) == NULL)
    return g_string_free (word, FALSE);
  weft_task_fail (task, "found a zero byte in %s", what);
  g_string_free (word, TRUE);
  return NULL;
}

/* (transfer full) (nullable) */
static char **
words_of (WeftTask *task, const WeftList *list, const char *what)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (uint64_t i = 0; i < list->n_items; i++)
    {
      char *word = word_of (task, &list->items[i], what);

      if (word == NULL)
        return NULL;
      g_ptr_array_add (words, word);
    }
  g_ptr_array_add (words, NULL);
  g_ptr_array_set_free_func (words, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

/* Of a list or none. (transfer full) (nullable) */
static char **
paths_of (WeftTask *task, const WeftValue *list, const char *what)
{
  return _weft_is_none (list) ? g_new0 (char *, 1) : words_of (task, _weft_list (list), what);
}

/* A field of none takes the variable away. (transfer full) (nullable) */
static char **
make_environment (WeftTask *task, const WeftValue *changes)
{
  const WeftRecordValue *record = _weft_is_none (changes) ? NULL : _weft_record (changes);
  char **envp = g_get_environ ();

  for (uint32_t i = 0; record != NULL && i < record->n_fields; i++)
    {
      const char *name = record->shape->names[i];
      g_autofree char *word = NULL;

      if (*name == '\0' || strchr (name, '=') != NULL)
        {
          weft_task_fail (task, "found “%s” as name of an environment variable", name);
          g_strfreev (envp);
          return NULL;
        }
      if (_weft_is_none (&record->values[i]))
        {
          envp = g_environ_unsetenv (envp, name);
          continue;
        }
      word = word_of (task, &record->values[i], "env");
      if (word == NULL)
        {
          g_strfreev (envp);
          return NULL;
        }
      envp = g_environ_setenv (envp, name, word, TRUE);
    }
  return envp;
}

static void
set_stdin (WeftExecRequest *request, const WeftValue *value)
{
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_STRING:
      request->stdin_bytes = _weft_string (value)->chars;
      request->n_stdin = _weft_string (value)->n_chars;
      break;
    case WEFT_TYPE_BYTES:
      request->stdin_bytes = (const char *) _weft_bytes (value)->bytes;
      request->n_stdin = _weft_bytes (value)->n_bytes;
      break;
    case WEFT_TYPE_FILE:
      request->stdin_path = ((const WeftFile *) value->u.box)->path;
      break;
    default:
      break;
    }
  if (request->n_stdin == 0)
    request->stdin_bytes = NULL;
}

static bool
set_limits (WeftTask *task, WeftExecRequest *request, const WeftValue *args)
{
  int64_t limit = _weft_integer (&args[ARG_LIMIT]);
  int64_t timeout_ns;

  request->end_ns = INT64_MAX;
  if (limit < 0 || limit > G_MAXINT32)
    {
      weft_task_fail (task, "found limit=%" PRId64 ", expected 0 to 2147483647 bytes", limit);
      return false;
    }
  request->max_stdout = (size_t) limit;
  if (_weft_is_none (&args[ARG_TIMEOUT]))
    return true;
  if (!_weft_seconds_to_ns (_weft_float (&args[ARG_TIMEOUT]), &timeout_ns))
    {
      weft_task_fail (task, "found timeout=%g, expected 0 or more seconds",
                      _weft_float (&args[ARG_TIMEOUT]));
      return false;
    }
  request->end_ns = weft_clock_mono_ns () + timeout_ns;
  return true;
}

static bool
check_as (WeftTask *task, const WeftValue *as)
{
  if (_weft_is_none (as) || strcmp (_weft_string (as)->chars, "text") == 0
      || strcmp (_weft_string (as)->chars, "bytes") == 0)
    return true;
  weft_task_fail (task, "found as=“%s”, expected “text” or “bytes”", _weft_string (as)->chars);
  return false;
}

/* ---- how it ended ---------------------------------------------------------------------------- */

/* The last lines of stderr, for the message. */
static const char *
last_lines (char *tail, int n_lines)
{
  char *at;

  g_strchomp (tail);
  at = tail + strlen (tail);
  while (at > tail && !(at[-1] == '\n' && --n_lines == 0))
    at--;
  return at;
}

static WeftStatus
fail_ended (WeftTask *task, const char *program, WeftExecResult *result)
{
  bool signalled = WIFSIGNALED (result->status);
  g_autofree char *detail = g_strdup (result->tail);
  const char *lines = last_lines (result->tail, MESSAGE_LINES);
  g_autofree char *how =
      signalled ? g_strdup_printf ("was killed by signal %d (%s)", WTERMSIG (result->status),
                                   strsignal (WTERMSIG (result->status)))
                : g_strdup_printf ("ended with exit status %d", WEXITSTATUS (result->status));
  const char *joint = strchr (lines, '\n') != NULL ? "; the last lines of stderr:\n" : ": ";
  g_autofree char *message =
      g_strdup_printf ("“%s” %s%s%s", program, how, *lines != '\0' ? joint : "", lines);

  return weft_task_fail_with (task, signalled ? "signal" : "exit status", message,
                              *detail != '\0' ? detail : NULL, NULL);
}

static WeftStatus
check_outcome (WeftTask *task, const WeftExecRequest *request, WeftExecResult *result)
{
  const char *program = request->argv[0];

  switch (result->outcome)
    {
    case WEFT_EXEC_CANCELLED:
      weft_task_fail (task, "“%s” was terminated, as the task was cancelled", program);
      return WEFT_CANCELLED;
    case WEFT_EXEC_TIMED_OUT:
      weft_task_fail (task, "“%s” ran longer than its timeout and was terminated", program);
      return WEFT_TIMED_OUT;
    case WEFT_EXEC_TOO_MUCH:
      return weft_task_fail (
          task,
          "“%s” printed more than %zu bytes and was terminated; raise `limit`, or "
          "let it write a file",
          program, request->max_stdout);
    case WEFT_EXEC_LOST:
      return weft_task_fail (
          task, "nobody knows how “%s” ended, because this process ignores SIGCHLD", program);
    default:
      return WIFEXITED (result->status) && WEXITSTATUS (result->status) == 0
                 ? WEFT_OK
                 : fail_ended (task, program, result);
    }
}

/* ---- results --------------------------------------------------------------------------------- */

/* Whether all of the files are there; else fails, saying what the file is to the program. */
static WeftStatus
check_files (WeftTask *task, const WeftExecRequest *request, char **paths, const char *what)
{
  struct stat info;

  for (char **path = paths; *path != NULL; path++)
    {
      bool relative = request->cwd != NULL && **path != '/';
      g_autofree char *whole =
          g_strconcat (relative ? request->cwd : "", relative ? "/" : "", *path, NULL);

      if (stat (whole, &info) != 0)
        return weft_task_fail (task, "“%s” %s “%s” is not there: %s", request->argv[0], what, whole,
                               g_strerror (errno));
    }
  return WEFT_OK;
}

static WeftStatus
give_bytes (WeftTask *task, WeftExecResult *result, WeftValue *value)
{
  return weft_value_init_bytes (value, weft_task_account (task), result->out->data,
                                result->out->len);
}

static WeftStatus
give_stdout (WeftTask *task, const WeftValue *as, WeftExecResult *result, WeftValue *value)
{
  const char *chars = (const char *) result->out->data;
  size_t n = result->out->len;
  size_t n_valid;

  if (!_weft_is_none (as) && strcmp (_weft_string (as)->chars, "bytes") == 0)
    return give_bytes (task, result, value);
  n_valid = _weft_valid_text (chars, n);
  if (n_valid < n)
    return weft_task_fail (task, "what it printed is not valid UTF-8 at byte %zu; use as=\"bytes\"",
                           n_valid);
  return weft_value_init_string (value, weft_task_account (task), n > 0 ? chars : "", n);
}

/* ---- exec ------------------------------------------------------------------------------------ */

static WeftStatus
run (WeftTask *task, const WeftExecRequest *request, char **outputs, const WeftValue *as,
     WeftValue *value)
{
  WeftExecResult result;
  WeftStatus status = _weft_exec_run (task, request, &result);

  if (status == WEFT_OK)
    status = check_outcome (task, request, &result);
  if (status == WEFT_OK)
    status = check_files (task, request, outputs, "ended well, but its output file");
  if (status == WEFT_OK)
    status = give_stdout (task, as, &result, value);
  _weft_exec_result_clear (&result);
  return status;
}

static WeftStatus
op_exec (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  g_auto (GStrv) argv = words_of (task, _weft_list (&args[ARG_ARGV]), "argv");
  g_auto (GStrv) inputs = NULL;
  g_auto (GStrv) outputs = NULL;
  g_auto (GStrv) envp = NULL;
  WeftExecRequest request = { .argv = argv };

  if (argv == NULL)
    return WEFT_FAILED;
  if (argv[0] == NULL || *argv[0] == '\0')
    return weft_task_fail (task, "found no program in argv, expected its name or path");
  inputs = paths_of (task, &args[ARG_INPUTS], "inputs");
  outputs = paths_of (task, &args[ARG_OUTPUTS], "outputs");
  if (inputs == NULL || outputs == NULL)
    return WEFT_FAILED;
  request.envp = envp = make_environment (task, &args[ARG_ENV]);
  if (envp == NULL || !set_limits (task, &request, args) || !check_as (task, &args[ARG_AS]))
    return WEFT_FAILED;
  if (!_weft_is_none (&args[ARG_CWD]) && (request.cwd = _weft_path (task, &args[ARG_CWD])) == NULL)
    return WEFT_FAILED;
  set_stdin (&request, &args[ARG_STDIN]);
  if (check_files (task, &request, inputs, "cannot start: its input file") != WEFT_OK)
    return WEFT_FAILED;
  return run (task, &request, outputs, &args[ARG_AS], results);
}

/* ---- table ----------------------------------------------------------------------------------- */

static const WeftOpParam exec_params[] = {
  WEFT_PARAM ("argv", WEFT_ACCEPT_LIST, "program and arguments: strings, numbers, files"),
  WEFT_PARAM_OR ("cwd", WEFT_ACCEPT_PATH, WEFT_NO_VALUE, "folder to run in; none: this process's"),
  WEFT_PARAM_OR ("env", WEFT_ACCEPT_RECORD, WEFT_NO_VALUE,
                 "changes of the environment; a field of none takes a variable away"),
  WEFT_PARAM_OR ("stdin", WEFT_ACCEPT_PATH | WEFT_ACCEPT (WEFT_TYPE_BYTES), WEFT_NO_VALUE,
                 "its input: a string, bytes, or a file value to be opened; none: empty"),
  WEFT_PARAM_OR ("timeout", WEFT_ACCEPT_NUMBER, WEFT_NO_VALUE, "seconds until it is terminated"),
  WEFT_PARAM_OR ("as", WEFT_ACCEPT_STRING, WEFT_NO_VALUE,
                 "the result: “text” (the default) or “bytes”"),
  WEFT_PARAM_OR ("limit", WEFT_ACCEPT_INTEGER, WEFT_INT (DEFAULT_LIMIT_BYTES),
                 "most bytes it may print"),
  WEFT_PARAM_OR ("outputs", WEFT_ACCEPT_LIST, WEFT_NO_VALUE,
                 "paths of files it makes, relative to cwd; they must be there afterwards"),
  WEFT_PARAM_OR ("inputs", WEFT_ACCEPT_LIST, WEFT_NO_VALUE,
                 "paths of files it reads, relative to cwd; they must be there before"),
};

static const WeftOp ops[] = {
  { .name = "exec",
    .version = 1,
    .doc =
        "runs a program, without a shell; the result is what it prints\n"
        "It gets a process group of its own. When the task is cancelled or times out, the group\n"
        "is terminated, and killed after two seconds; what is left when the program ends, too.\n"
        "An exit status other than 0 is an error with the last lines of stderr.\n"
        "Say what it reads and makes in `inputs` and `outputs`, and --resume works as make does.",
    WEFT_PARAMS (exec_params),
    .n_outputs = 1,
    .flags = WEFT_OP_EXTERNAL | WEFT_OP_BLOCKING,
    .cost_hint_ns = 2000000,
    .kernel = op_exec },
};

const WeftOpTable _weft_ops_exec = { ops, G_N_ELEMENTS (ops) };
