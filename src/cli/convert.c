/* convert.c: `weftline convert`: a graph in another format
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <string.h>

/* Without --to the name's ending says it; JSON is the native format. */
static WeftGraphFormat
format_of_name (const char *path)
{
  if (g_str_has_suffix (path, ".dot") || g_str_has_suffix (path, ".gv"))
    return WEFT_GRAPH_FORMAT_DOT;
  if (g_str_has_suffix (path, ".dag"))
    return WEFT_GRAPH_FORMAT_DAGMAN;
  if (g_str_has_suffix (path, ".json") || strcmp (path, "-") == 0)
    return WEFT_GRAPH_FORMAT_NATIVE;
  return WEFT_GRAPH_FORMAT_AUTO;
}

static bool
write_stdout (const char *bytes, size_t n_bytes, void *data G_GNUC_UNUSED,
              GError **error G_GNUC_UNUSED)
{
  fwrite (bytes, 1, n_bytes, stdout); /* what fails is said at the end */
  return true;
}

static bool
write_graph (const WeftGraph *graph, WeftGraphFormat to, const char *out, char **lost,
             GError **error)
{
  if (strcmp (out, "-") == 0)
    return weft_graph_write (graph, to, write_stdout, NULL, lost, error);
  return weft_graph_write_file (graph, to, out, lost, error);
}

/* A file that cannot be read is bad input; one that cannot be written is the machine's no. */
static int
report_unwritten (GError *error)
{
  bool system = g_error_matches (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_IO);
  int status = _weft_cli_report (error);

  return system ? WEFT_EXIT_SYSTEM : status;
}

static int
convert (const char *in, WeftGraphFormat from, const char *out, WeftGraphFormat to)
{
  GError *error = NULL;
  g_autofree char *lost = NULL;
  WeftGraph *graph = NULL;
  bool written;

  if (_weft_cli_spare (in, "graph", "OUT", out, &error))
    graph = _weft_cli_read_graph (in, from, &error);
  if (graph == NULL)
    return _weft_cli_report (error);
  written = write_graph (graph, to, out, &lost, &error);
  weft_graph_unref (graph);
  if (!written)
    return report_unwritten (error);
  if (lost != NULL)
    _weft_cli_say ("%s: left out, as the format has no place for it: %s",
                   strcmp (out, "-") == 0 ? "standard output" : out, lost);
  return WEFT_EXIT_DONE;
}

/* -1: said what is wrong */
static int
parse_format (const char *what, const char *word)
{
  GError *error = NULL;
  int format = _weft_cli_format (what, word, &error);

  if (format < 0)
    _weft_cli_report (error);
  return format;
}

int
_weft_cli_convert (int argc, char **argv)
{
  g_autofree char *from_word = NULL, *to_word = NULL;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_STRING, &from_word, "Format of IN (found out)", "FORMAT" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &to_word, "Format of OUT (by its ending)", "FORMAT" },
    { NULL },
  };
  int status, from, to;

  if (!_weft_cli_parse ("convert", "IN OUT",
                        "Writes a graph in another format; “-” is standard input or output.",
                        "Formats: native, wfcommons, dot, dagman. What OUT's format cannot say is "
                        "left out, and said.",
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("convert", argc, argv, 2, 2))
    return WEFT_EXIT_INPUT;
  from = parse_format ("--from", from_word);
  to = parse_format ("--to", to_word);
  if (from < 0 || to < 0)
    return WEFT_EXIT_INPUT;
  if (to == WEFT_GRAPH_FORMAT_AUTO)
    to = (int) format_of_name (argv[1]);
  if (to == WEFT_GRAPH_FORMAT_AUTO)
    {
      _weft_cli_say (
          "convert: %s: the ending tells no format; .json, .dot or .dag expected, or --to",
          argv[1]);
      return WEFT_EXIT_INPUT;
    }
  return convert (argv[0], (WeftGraphFormat) from, argv[1], (WeftGraphFormat) to);
}
