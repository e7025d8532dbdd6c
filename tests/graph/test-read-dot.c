/* test-read-dot.c: DOT files as graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "read-support.h"

#include <graphviz/cgraph.h>
#include <pthread.h>

#define DOT WEFT_GRAPH_FORMAT_DOT

/* ---- bad inputs ------------------------------------------------------------------------------ */

/* clang-format off */
static const BadInput bad_inputs[] = {
  BAD ("undirected", FORMAT,
       "graph { a -- b }",
       "bad.dot:1:1: found an undirected graph, expected “digraph”: an edge of a task graph "
       "has a direction"),
  BAD ("undirected-strict", FORMAT,
       "strict graph { }",
       "bad.dot:1:8: found an undirected graph, expected “digraph”: an edge of a task graph "
       "has a direction"),
  BAD ("other-language", SYNTAX,
       "hello { a }",
       "bad.dot:1:1: found “hello”, expected “digraph”"),
  BAD ("no-brace", SYNTAX,
       "digraph g\n"
       "a -> b",
       "bad.dot:2:1: found “a”, expected “{”"),
  BAD ("not-closed", TRUNCATED,
       "digraph {\n"
       "  a -> b\n",
       "bad.dot:3:1: found the end of the input, expected a statement or “}”"),
  BAD ("nothing-after-strict", TRUNCATED,
       "strict",
       "bad.dot:1:7: found the end of the input, expected “digraph”"),
  BAD ("undirected-edge", SYNTAX,
       "digraph {\n"
       "  a -- b\n"
       "}",
       "bad.dot:2:5: found “--”, expected “->”, as the edges of a digraph are written"),
  BAD ("arrow-to-nothing", SYNTAX,
       "digraph { a -> }",
       "bad.dot:1:16: found “}”, expected the name of a node or a subgraph after “->”"),
  BAD ("arrow-from-nothing", SYNTAX,
       "digraph { -> a }",
       "bad.dot:1:11: found “->”, expected a statement or “}”"),
  BAD ("arrow-to-keyword", SYNTAX,
       "digraph { a -> node }",
       "bad.dot:1:16: found “node”, expected a node or a subgraph after “->”; as the name of "
       "a node it needs quotes"),
  BAD ("second-graph", SYNTAX,
       "digraph { a }\n"
       "digraph { b }",
       "bad.dot:2:1: found “digraph”, expected the end of the input after the graph's “}”"),
  BAD ("text-after-the-end", SYNTAX,
       "digraph { a }\n"
       "}",
       "bad.dot:2:1: found “}”, expected the end of the input after the graph's “}”"),
  BAD ("string-not-closed", TRUNCATED,
       "digraph {\n"
       "  a [label=\"x];\n"
       "}",
       "bad.dot:3:2: found the end of the input, expected “\"” to end the string that began "
       "on line 2, column 12"),
  BAD ("html-not-closed", TRUNCATED,
       "digraph {\n"
       "  a [label=<<b>x</b>];\n"
       "}",
       "bad.dot:3:2: found the end of the input, expected “>” to end the HTML string that "
       "began on line 2, column 12"),
  BAD ("comment-not-closed", TRUNCATED,
       "digraph {\n"
       "  /* a\n"
       "}",
       "bad.dot:3:2: found the end of the input, expected “*/” to end the comment that began "
       "on line 2, column 3"),
  BAD ("joined-to-nothing", SYNTAX,
       "digraph { \"a\" + b }",
       "bad.dot:1:17: found no string after “+”, expected “\"”"),
  BAD ("attribute-without-value", SYNTAX,
       "digraph { a [label] }",
       "bad.dot:1:19: found “]”, expected “=” after the name of an attribute"),
  BAD ("attribute-with-no-value", SYNTAX,
       "digraph { a [label=] }",
       "bad.dot:1:20: found “]”, expected the value of the attribute"),
  BAD ("attributes-not-closed", SYNTAX,
       "digraph { a [label=x }",
       "bad.dot:1:22: found “}”, expected the name of an attribute or “]”"),
  BAD ("attribute-with-keyword", SYNTAX,
       "digraph { node=x }",
       "bad.dot:1:15: found “=”, expected “[”"),
  BAD ("keyword-as-node", SYNTAX,
       "digraph { digraph }",
       "bad.dot:1:11: found “digraph”, expected a statement or “}”; as the name of a node it "
       "needs quotes"),
  BAD ("name-begins-with-digit", SYNTAX,
       "digraph { 1a -> b }",
       "bad.dot:1:11: found “1a”, expected a name that does not begin with a digit; put it in "
       "quotes"),
  BAD ("minus", SYNTAX,
       "digraph { a - b }",
       "bad.dot:1:13: found “- ”, expected a number, “->”, or a name in quotes"),
  BAD ("dot", SYNTAX,
       "digraph { a.b }",
       "bad.dot:1:12: found “.”, expected a number, “->”, or a name in quotes"),
  BAD ("strange-character", SYNTAX,
       "digraph {\n"
       "\011a$b }",
       "bad.dot:2:3: found “$”, expected a name, “->”, or one of { } [ ] = ; , :"),
  BAD ("strange-after-name", SYNTAX,
       "digraph { x = }",
       "bad.dot:1:15: found “}”, expected the value of the attribute"),
  BAD ("port-without-name", SYNTAX,
       "digraph { a: -> b }",
       "bad.dot:1:14: found “->”, expected the name of a port"),
  BAD ("comma-without-node", SYNTAX,
       "digraph { a, -> b }",
       "bad.dot:1:14: found “->”, expected the name of a node"),
  BAD ("subgraph-without-brace", SYNTAX,
       "digraph { subgraph c -> b }",
       "bad.dot:1:22: found “->”, expected “{”"),
  BAD ("node-default-without-list", SYNTAX,
       "digraph { node; }",
       "bad.dot:1:15: found “;”, expected “[”"),
  BAD ("invalid-utf8", UTF8,
       "digraph {\n"
       "  \"\377\" }",
       "bad.dot:2:4: found byte 0xff, expected UTF-8 text"),
  BAD ("zero-byte", SYNTAX,
       "digraph { a\000 }",
       "bad.dot:1:12: found a zero byte, expected text"),
  BAD ("empty-graph", EMPTY,
       "digraph { node [shape=box] }",
       "bad.dot:1:1: found a graph without tasks, expected at least one"),
  BAD ("empty-name", FORMAT,
       "digraph { \"\" -> b }",
       "bad.dot:1:11: found an empty key, expected at least one character"),
  BAD ("self-loop", SELF,
       "digraph {\n"
       "  a -> b\n"
       "  b -> b\n"
       "}",
       "bad.dot:3:8: found the task “b” as a dependency of itself, expected another task"),
  BAD ("self-loop-in-chain", SELF,
       "digraph { a -> b -> b }",
       "bad.dot:1:21: found the task “b” as a dependency of itself, expected another task"),
  BAD ("self-loop-in-list", SELF,
       "digraph { a, b -> c, a }",
       "bad.dot:1:22: found the task “a” as a dependency of itself, expected another task"),
  BAD ("self-loop-through-subgraph", SELF,
       "digraph {\n"
       "  a -> { b; a }\n"
       "}",
       "bad.dot:2:3: found the task “a” as a dependency of itself, expected another task"),
  BAD ("cycle", CYCLE,
       "digraph {\n"
       "  a -> b;\n"
       "  b -> c -> a\n"
       "}",
       "bad.dot:2:3: found a cycle, in which each task needs the one before: a -> b -> c -> a"),
  BAD ("cycle-of-two", CYCLE,
       "digraph { \"x y\" -> z; z -> \"x y\" }",
       "bad.dot:1:11: found a cycle, in which each task needs the one before: x y -> z -> x y"),
  BAD ("runtime-is-no-number", FORMAT,
       "digraph {\n"
       "  a [weft_runtime=fast] }",
       "bad.dot:2:3: found weft_runtime “fast” at the node “a”, expected seconds from 0 to "
       "9.2e9"),
  BAD ("runtime-is-negative", FORMAT,
       "digraph { a [weft_runtime=-1] }",
       "bad.dot:1:11: found weft_runtime “-1” at the node “a”, expected seconds from 0 to "
       "9.2e9"),
  BAD ("runtime-is-nan", FORMAT,
       "digraph { a [weft_runtime=nan] }",
       "bad.dot:1:11: found weft_runtime “nan” at the node “a”, expected seconds from 0 to "
       "9.2e9"),
  BAD ("runtime-with-tail", FORMAT,
       "digraph { a [weft_runtime=\"1s\"] }",
       "bad.dot:1:11: found weft_runtime “1s” at the node “a”, expected seconds from 0 to "
       "9.2e9"),
  BAD ("bytes-is-no-number", FORMAT,
       "digraph { a [weft_bytes=many] }",
       "bad.dot:1:11: found weft_bytes “many” at the node “a”, expected numbers of bytes, at "
       "most 9223372036854775807, with commas between them, “?” for unknown"),
  BAD ("bytes-too-large", FORMAT,
       "digraph { a [weft_bytes=\"1,9223372036854775808\"] }",
       "bad.dot:1:11: found weft_bytes “1,9223372036854775808” at the node “a”, expected "
       "numbers of bytes, at most 9223372036854775807, with commas between them, “?” for unknown"),
  BAD ("bytes-with-tail", FORMAT,
       "digraph { a [weft_bytes=\"1,\"] }",
       "bad.dot:1:11: found weft_bytes “1,” at the node “a”, expected numbers of bytes, at "
       "most 9223372036854775807, with commas between them, “?” for unknown"),
  BAD ("output-is-no-number", FORMAT,
       "digraph { a -> b [weft_output=x] }",
       "bad.dot:1:16: found weft_output “x” at the node “b”, expected a number from 0 to 65534"),
  BAD ("output-out-of-range", FORMAT,
       "digraph { a -> b [weft_output=65535] }",
       "bad.dot:1:16: found weft_output “65535” at the node “b”, expected a number from 0 to "
       "65534"),
  BAD ("no-such-output", RANGE,
       "digraph {\n"
       "  a [weft_bytes=\"1,2\"]\n"
       "  a -> b [weft_output=2] }",
       "bad.dot:3:8: found output 2 of the task “a”, expected 0 to 1"),
};
/* clang-format on */

static void
test_bad_input (gconstpointer data)
{
  assert_bad_input (data, DOT);
}

static void
test_too_deep (void)
{
  g_autofree char *braces = g_strnfill (100000, '{');
  g_autofree char *text = g_strconcat ("digraph ", braces, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_graph_read_bytes (text, strlen (text), "bad.dot", DOT, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_DEPTH,
                     "bad.dot:1:138: found subgraphs nested deeper than 128", NULL);
}

static void
test_cut_off (void)
{
  const char *text =
      "strict digraph g { /* c */ a -> \"b\" + \"c\" [k=<v>, l=1.5]; subgraph { x:p } }";
  size_t n = strlen (text);
  WeftGraph *graph = read_text (text, DOT);

  weft_graph_unref (graph);
  for (size_t i = 1; i < n; i++)
    {
      g_autofree char *part = g_memdup2 (text, i);
      g_autoptr (GError) error = NULL;

      g_assert_null (weft_graph_read_bytes (part, i, "cut", DOT, &error));
      g_assert_true (g_str_has_prefix (error->message, "cut:1:"));
    }
}

/* libcgraph goes on as before after any error. */
static void
test_reads_after_errors (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad_inputs); i++)
    {
      WeftGraph *graph;

      assert_bad_input (&bad_inputs[i], DOT);
      graph = read_text ("digraph { a -> b }", DOT);
      assert_inputs (graph, "b", "a");
      weft_graph_unref (graph);
    }
}

/* What stands behind a graph, or before it, is not taken for a part of the next file. */
static void
test_reads_after_comments (void)
{
  static const char *const first[] = {
    "digraph { a } // the end",     "digraph { a } /* on\nto the next line */",
    "digraph { a } /* one line */", "digraph { a }\n# the end",
    "digraph { a }// \"\n/* < */",  "digraph { a }",
  };
  static const char *const second[] = {
    "digraph {\n  c -> d\n}\n",
    "# the first line\ndigraph { c -> d }",
    "/* the first\nlines */ digraph { c -> d }",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (first); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (second); k++)
      {
        weft_graph_unref (read_text (first[i], DOT));
        WeftGraph *graph = read_text (second[k], DOT);

        g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 2);
        assert_inputs (graph, "d", "c");
        weft_graph_unref (graph);
      }
}

/* ---- what becomes of a graph ----------------------------------------------------------------- */

static void
test_heads_need_tails (void)
{
  WeftGraph *graph =
      read_text ("strict digraph name { a -> b -> c; a -> c; a -> c; d }", WEFT_GRAPH_FORMAT_AUTO);

  assert_inputs (graph, "a", "");
  assert_inputs (graph, "b", "a");
  assert_inputs (graph, "c", "a b");
  assert_inputs (graph, "d", "");
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 3);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_wanted, ==, 2);
  g_assert_cmpstr (weft_graph_name (graph), ==, "name");
  weft_graph_unref (graph);
}

static void
test_several_edges_are_one (void)
{
  WeftGraph *graph = read_text ("digraph { a -> b; a -> b [label=again]; a:p:n -> b:q }", DOT);

  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 1);
  g_assert_cmpstr (weft_graph_name (graph), ==, "");
  weft_graph_unref (graph);
}

static void
test_subgraphs_are_flattened (void)
{
  WeftGraph *graph = read_text ("digraph { subgraph cluster_x { a; { b } c -> d } "
                                "a -> subgraph { e f } -> g, h; { rank=same a c } }",
                                DOT);

  g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 8);
  assert_inputs (graph, "d", "c");
  assert_inputs (graph, "e", "a");
  assert_inputs (graph, "g", "e f");
  assert_inputs (graph, "h", "e f");
  weft_graph_unref (graph);
}

static void
test_names (void)
{
  WeftGraph *graph =
      read_text ("\xef\xbb\xbf# first line\n"
                 "digraph {\n"
                 "  \"with \\\"quotes\\\" and \\\\\" -> \"two \" + \"parts\" // here\n"
                 "  -> \"over\\\nlines\" -> -.5 -> 12 -> 3. -> <h<i>t</i>ml> -> \xc3\xa9t\xc3\xa9\n"
                 "  -> \"digraph\"\n"
                 "}",
                 DOT);

  assert_inputs (graph, "two parts", "with \"quotes\" and \\\\");
  assert_inputs (graph, "overlines", "two parts");
  assert_inputs (graph, "-.5", "overlines");
  assert_inputs (graph, "12", "-.5");
  assert_inputs (graph, "3.", "12");
  assert_inputs (graph, "h<i>t</i>ml", "3.");
  assert_inputs (graph, "\xc3\xa9t\xc3\xa9", "h<i>t</i>ml");
  assert_inputs (graph, "digraph", "\xc3\xa9t\xc3\xa9");
  weft_graph_unref (graph);
}

static void
test_labels_and_groups (void)
{
  WeftGraph *graph = read_text (
      "digraph G {\n"
      "  node [label=\"\\N\"]; a; b [label=\"part-1\\ni: 0\\l\"]; c [label=\"of \\G: \\N\"];\n"
      "  d [group=mine, label=x]; e [label=<<b>bold</b>>]; f [label=\"\\\\o/\"]; g7 [label=\"\"]\n"
      "}",
      DOT);

  g_assert_null (label_of (graph, "a"));
  g_assert_cmpstr (label_of (graph, "b"), ==, "part-1\ni: 0");
  g_assert_cmpstr (label_of (graph, "c"), ==, "of G: c");
  g_assert_cmpstr (label_of (graph, "d"), ==, "x");
  g_assert_null (label_of (graph, "e"));
  g_assert_cmpstr (label_of (graph, "f"), ==, "\\o/");
  g_assert_null (label_of (graph, "g7"));
  assert_group (graph, "a", "a");
  assert_group (graph, "b", "part");
  assert_group (graph, "d", "mine");
  assert_group (graph, "g7", "g7");
  weft_graph_unref (graph);
}

static void
test_hints_and_outputs (void)
{
  WeftGraph *graph =
      read_text ("digraph { a [weft_runtime=1.5, weft_bytes=\"10,?,30\", weft_machine=\"m 1\"]\n"
                 "  b [weft_bytes=9223372036854775807] c\n"
                 "  a -> b [weft_output=2]; a -> b; a -> c [weft_after=true]; b -> c\n"
                 "  b -> c [weft_after=true]}",
                 DOT);

  g_assert_cmpint (runtime_of (graph, "a"), ==, 1500000000);
  g_assert_cmpint (runtime_of (graph, "b"), ==, -1);
  g_assert_cmpstr (machine_of (graph, "a"), ==, "m 1");
  g_assert_null (machine_of (graph, "b"));
  assert_bytes (graph, "a", "10 ? 30");
  assert_bytes (graph, "b", "9223372036854775807");
  assert_bytes (graph, "c", "?");
  assert_inputs (graph, "b", "a a:2");
  assert_inputs (graph, "c", "(a) b");
  weft_graph_unref (graph);
}

/* ---- libcgraph ------------------------------------------------------------------------------- */

static void *
read_often (void *data)
{
  const char *text = data;

  for (int i = 0; i < 50; i++)
    {
      WeftGraph *graph = weft_graph_read_bytes (text, strlen (text), "t", DOT, NULL);

      g_assert_nonnull (graph);
      g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 3);
      weft_graph_unref (graph);
      g_assert_null (weft_graph_read_bytes ("digraph { a -> a }", 18, "t", DOT, NULL));
    }
  return NULL;
}

static void
test_threads_take_turns (void)
{
  pthread_t threads[4];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_create (&threads[i], NULL, read_often, (char *) "digraph { a -> b -> c }");
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
}

static char *last_message;

static int
keep_message_cb (char *text)
{
  g_free (last_message);
  last_message = g_strdup (text);
  return 0;
}

/* A program's own way with libcgraph's messages is left as it was. */
static void
test_error_handler_is_restored (void)
{
  WeftGraph *graph;

  agseterrf (keep_message_cb);
  graph = read_text ("digraph { a }", DOT);
  weft_graph_unref (graph);
  g_assert_null (last_message);
  agerr (AGWARN, "%s", "mine");
  g_assert_cmpstr (last_message, ==, "mine");
  agseterrf (NULL);
  g_clear_pointer (&last_message, g_free);
}

static char *
chain_text (int n_edges, const char *tail)
{
  GString *text = g_string_new ("digraph { 0");

  for (int i = 1; i <= n_edges; i++)
    g_string_append_printf (text, " -> %d", i);
  g_string_append (text, tail);
  return g_string_free (text, FALSE);
}

/* libcgraph reads chains of some 2,500 edges and drops longer ones: also those around a subgraph
 * count. */
static void
test_long_chains (void)
{
  g_autofree char *longest = chain_text (2000, " }");
  g_autofree char *too_long = chain_text (2001, " }");
  g_autofree char *nested = chain_text (1000, " -> { a -> b } }");
  g_autofree char *inner =
      chain_text (1992, " -> { a -> b -> c -> d -> e -> f -> g -> h -> i -> j }}");
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = read_text (longest, DOT);

  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 2000);
  weft_graph_unref (graph);
  graph = read_text (nested, DOT);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 1003);
  weft_graph_unref (graph);
  g_assert_null (weft_graph_read_bytes (too_long, strlen (too_long), "long", DOT, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_RANGE,
                     ": found more than 2000 edges in one statement", "begin a new one", NULL);
  g_assert_null (weft_graph_read_bytes (inner, strlen (inner), "long", DOT, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_RANGE, "in one statement", NULL);
}

/* As deep as subgraphs may go, and as many edges as a statement may have: libcgraph drops none. An
 * edge into a subgraph becomes one to each task in it, which libcgraph puts into every level: so
 * most of them begin at a subgraph without tasks, or this would take a quarter of a minute. */
static void
test_deepest_and_longest (void)
{
  enum
  {
    DEPTH = 127,
    N_CHAIN = 2000 - DEPTH + 1,
    N_TAILS = 4
  };
  g_autoptr (GString) text = g_string_new ("digraph { ");
  g_autofree char *chain = chain_text (N_CHAIN - 1, "");
  g_autofree char *closing = g_strnfill (DEPTH, '}');
  WeftGraph *graph;

  for (int i = 0; i < DEPTH; i++)
    {
      if (i % 32 == 0)
        g_string_append_printf (text, "s%d", i);
      g_string_append_printf (text, "%s -> subgraph x%d { ", i % 32 == 0 ? "" : "{ }", i);
    }
  g_string_append_printf (text, "%s %s }", chain + strlen ("digraph { "), closing);
  graph = read_text (text->str, DOT);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, N_TAILS + N_CHAIN);
  /* Of the chain, from tails into it, and from tails to those further in. */
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, N_CHAIN - 1 + N_TAILS * N_CHAIN + 6);
  weft_graph_unref (graph);
}

/* Lists of all kinds, each far longer than the parser's stack. */
static void
test_long_lists (void)
{
  g_autoptr (GString) text = g_string_new ("digraph { t [label=\"\"");
  WeftGraph *graph;

  for (int i = 0; i < 12000; i++)
    g_string_append (text, " + \"x\"");
  g_string_append (text, "] [");
  for (int i = 0; i < 12000; i++)
    g_string_append (text, "a=b, ");
  g_string_append (text, "] ");
  for (int i = 0; i < 12000; i++)
    g_string_append (text, "[a=b]");
  g_string_append (text, "; n0");
  for (int i = 1; i < 12000; i++)
    g_string_append_printf (text, ", n%d", i);
  g_string_append (text, " -> t }");
  graph = read_text (text->str, DOT);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 12000);
  g_assert_cmpuint (strlen (label_of (graph, "t")), ==, 12000);
  weft_graph_unref (graph);
}

/* ---- real files ------------------------------------------------------------------------------ */

static void
test_real_files (void)
{
  g_autofree char *folder = real_files ("dot");
  g_autofree char *ninja = g_build_filename (folder != NULL ? folder : "", "ninja.dot", NULL);
  g_autofree char *snakemake =
      g_build_filename (folder != NULL ? folder : "", "snakemake.dot", NULL);
  WeftGraph *graph;

  if (folder == NULL)
    return;
  graph = read_path (ninja);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 28);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 27);
  assert_inputs (graph, "0x560535b7f5e0", "0x560535b7f550");
  g_assert_cmpstr (label_of (graph, "0x560535b7f5e0"), ==, "app");
  weft_graph_unref (graph);

  graph = read_path (snakemake);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_tasks, ==, 13);
  g_assert_cmpuint (weft_graph_arrays (graph)->n_edges, ==, 16);
  assert_inputs (graph, "0", "1");
  assert_inputs (graph, "1", "11 2 5 7 9");
  assert_group (graph, "3", "part");
  g_assert_cmpstr (label_of (graph, "3"), ==, "part\ni: 0");
  weft_graph_unref (graph);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_bad_inputs ("read-dot", bad_inputs, G_N_ELEMENTS (bad_inputs), test_bad_input);
  test_add ("graph", "read-dot", "bad/too-deep", test_too_deep);
  test_add ("graph", "read-dot", "bad/cut-off-anywhere", test_cut_off);
  test_add ("graph", "read-dot", "reads-after-errors", test_reads_after_errors);
  test_add ("graph", "read-dot", "reads-after-comments", test_reads_after_comments);
  test_add ("graph", "read-dot", "heads-need-tails", test_heads_need_tails);
  test_add ("graph", "read-dot", "several-edges-are-one", test_several_edges_are_one);
  test_add ("graph", "read-dot", "subgraphs-are-flattened", test_subgraphs_are_flattened);
  test_add ("graph", "read-dot", "names", test_names);
  test_add ("graph", "read-dot", "labels-and-groups", test_labels_and_groups);
  test_add ("graph", "read-dot", "hints-and-outputs", test_hints_and_outputs);
  test_add ("graph", "read-dot", "threads-take-turns", test_threads_take_turns);
  test_add ("graph", "read-dot", "error-handler-is-restored", test_error_handler_is_restored);
  test_add ("graph", "read-dot", "long-chains", test_long_chains);
  test_add ("graph", "read-dot", "deepest-and-longest", test_deepest_and_longest);
  test_add ("graph", "read-dot", "long-lists", test_long_lists);
  test_add ("graph", "read-dot", "real-files", test_real_files);
  return g_test_run ();
}
