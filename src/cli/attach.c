/* attach.c: `weftline attach`: has the runs of a Dask cluster shown
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What speaks Dask's protocol is Dask: a Python program of ours takes this one's place.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Seen from the folder that this program is built in. */
#define BUILD_PYTHON "../../../../src/python"
#define DEFAULT_PYTHON "python3"

/* As Dask has it: "host:8786" is one, too. (transfer full) (nullable) */
static char *
scheduler_address (const char *text)
{
  if (g_str_has_prefix (text, "tcp://") || g_str_has_prefix (text, "tls://")
      || g_str_has_prefix (text, "ucx://") || g_str_has_prefix (text, "inproc://"))
    return g_strdup (text);
  if (strstr (text, "://") == NULL && strrchr (text, ':') != NULL && text[0] != ':')
    return g_strconcat ("tcp://", text, NULL);
  return NULL;
}

static void
say_bad_address (const char *text)
{
  if (g_str_has_prefix (text, "http"))
    _weft_cli_say (
        "attach: “%s” is the address of a page; that of the scheduler was expected, which "
        "its first lines say: “tcp://host:8786”",
        text);
  else
    _weft_cli_say ("attach: “%s” is no address of a scheduler, expected “tcp://host:8786”", text);
}

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

int
_weft_cli_attach (int argc, char **argv)
{
  g_autofree char *address = NULL;
  const char *python = g_getenv ("WEFTLINE_PYTHON");
  const GOptionEntry entries[] = { { NULL } };
  int status;

  if (!_weft_cli_parse (
          "attach", "ADDRESS",
          "Shows what a Dask cluster computes: in the window, or by “weftline serve”.",
          "ADDRESS is that of the scheduler: tcp://host:8786. The command ends with "
          "the cluster, or by Ctrl-C. It starts Python, with the packages distributed "
          "and weftline; WEFTLINE_PYTHON says which.",
          entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("attach", argc, argv, 1, 1))
    return WEFT_EXIT_INPUT;
  address = scheduler_address (argv[0]);
  if (address == NULL)
    {
      say_bad_address (argv[0]);
      return WEFT_EXIT_INPUT;
    }
  add_build_path ();
  if (python == NULL)
    python = DEFAULT_PYTHON;
  execlp (python, python, "-m", "weftline", "attach", address, NULL);
  _weft_cli_say ("attach: %s: %s", python, g_strerror (errno));
  return WEFT_EXIT_SYSTEM;
}
