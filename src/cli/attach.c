/* attach.c: `weftline attach`: has runs of a Dask cluster, or of another system, shown
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What speaks Dask's protocol is Dask: a Python program of ours takes this one's place. So it does
 * for the other systems. HTTP is spoken by a program of its own.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Seen from the folder that this program is built in. */
#define BUILD_PYTHON "../../../../src/python"
#define DEFAULT_PYTHON "python3"

/* Of the dashboard, which Python is not needed for. */
#define EVENTSTREAM_PROGRAM "weftline-eventstream"
#define EVENTSTREAM_BUILD_PLACE "../attach"

typedef enum
{
  BY_DASK,
  BY_EVENTSTREAM,
} How;

/* How addresses begin. */
static const struct
{
  const char *start;
  How how;
} schemes[] = {
  { "tcp://", BY_DASK },    { "tls://", BY_DASK },         { "ucx://", BY_DASK },
  { "inproc://", BY_DASK }, { "http://", BY_EVENTSTREAM }, { "https://", BY_EVENTSTREAM },
};

/* Systems whose name is the first word. What follows it is for the package weftline to read. */
static const char *const kinds[] = { "celery", "luigi", "parsl", "snakemake", NULL };

/* ---- Python ---------------------------------------------------------------------------------- */

/* Where this program was not installed, neither was the package. */
static void
add_build_path (void)
{
  g_autofree char *folder = _weft_cli_program_folder ();
  g_autofree char *there = g_canonicalize_filename (BUILD_PYTHON, folder);
  g_autofree char *package = g_build_filename (there, "weftline", "__main__.py", NULL);
  const char *before = g_getenv ("PYTHONPATH");
  g_autofree char *both =
      before != NULL ? g_strconcat (there, ":", before, NULL) : g_strdup (there);

  if (g_file_test (package, G_FILE_TEST_EXISTS))
    g_setenv ("PYTHONPATH", both, TRUE);
}

/* Its program in this one's place, with @words. Returns if there is no such program. */
static int
become_python (char **words)
{
  const char *python = g_getenv ("WEFTLINE_PYTHON");
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (python == NULL)
    python = DEFAULT_PYTHON;
  g_ptr_array_add (argv, (char *) python);
  g_ptr_array_add (argv, (char *) "-m");
  g_ptr_array_add (argv, (char *) "weftline");
  g_ptr_array_add (argv, (char *) "attach");
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, *words);
  g_ptr_array_add (argv, NULL);
  add_build_path ();
  execvp (python, (char **) argv->pdata);
  _weft_cli_say ("attach: %s: %s", python, g_strerror (errno));
  return WEFT_EXIT_SYSTEM;
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* The program that speaks HTTP in this one's place. */
static int
become_eventstream (const char *address)
{
  g_autofree char *program = _weft_cli_find_program (EVENTSTREAM_PROGRAM, EVENTSTREAM_BUILD_PLACE);

  if (program == NULL)
    {
      _weft_cli_say ("attach: %s is not installed: this Weftline was built without libsoup 3; "
                     "“weftline attach tcp://host:8786”, with the scheduler's own address, needs "
                     "Python instead",
                     EVENTSTREAM_PROGRAM);
      return WEFT_EXIT_SYSTEM;
    }
  execl (program, EVENTSTREAM_PROGRAM, address, NULL);
  _weft_cli_say ("attach: %s: %s", program, g_strerror (errno));
  return WEFT_EXIT_SYSTEM;
}

static int
attach_address (const char *text)
{
  g_autofree char *address = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (schemes) && address == NULL; i++)
    if (g_str_has_prefix (text, schemes[i].start))
      {
        if (schemes[i].how == BY_EVENTSTREAM)
          return become_eventstream (text);
        address = g_strdup (text);
      }
  /* as Dask has it: "host:8786" is one, too */
  if (address == NULL && strstr (text, "://") == NULL && strchr (text, ':') != NULL
      && text[0] != ':')
    address = g_strconcat ("tcp://", text, NULL);
  if (address == NULL)
    {
      _weft_cli_say ("attach: “%s” is no address of a scheduler, expected “tcp://host:8786”, or "
                     "“http://host:8787” of its dashboard",
                     text);
      return WEFT_EXIT_INPUT;
    }
  return become_python ((char *[]){ address, NULL });
}

int
_weft_cli_attach (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  int status;

  if (argc > 1 && g_strv_contains (kinds, argv[1]))
    return become_python (argv + 1);
  if (!_weft_cli_parse (
          "attach", "ADDRESS",
          "Shows what a Dask cluster computes: in the window, or by “weftline serve”.",
          "ADDRESS is that of the scheduler, tcp://host:8786: all that it knows is shown. For this "
          "the command starts Python, with the packages distributed and weftline; WEFTLINE_PYTHON "
          "says which.\n\n"
          "Or it is that of the scheduler's dashboard, http://host:8787 (https:// likewise), which "
          "needs no Python. It does not tell which tasks need which, what runs, nor how long "
          "results are kept, and leaves out tasks that failed.\n\n"
          "The command ends with the cluster, or by Ctrl-C.\n\n"
          "Other systems: weftline attach celery BROKER_URL, for which Python has to have their "
          "packages; and from what they write, attach snakemake [FOLDER], parsl MONITORING.db, "
          "luigi HISTORY.db.",
          entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands_of ("attach", argc, argv, 1, 1, "an address is"))
    return WEFT_EXIT_INPUT;
  return attach_address (argv[0]);
}
