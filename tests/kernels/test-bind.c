/* test-bind.c: calls fitted to signatures, and arguments made from inputs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "kernels/call-op.h"
#include "kernels/weft-bind-private.h"

/* What the operation `probe` was called with, as text. */
static WeftStatus
probe (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (uint32_t i = 0; i < n_args; i++)
    {
      g_autofree char *one = weft_value_to_text (&args[i], true, 0);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
    }
  return weft_value_init_string (results, weft_task_account (task), text->str, text->len);
}

static WeftStatus
keep (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  weft_value_ref (&args[0]);
  *results = args[0];
  return WEFT_OK;
}

#define ANY WEFT_ACCEPT_ANY
static const WeftOpParam three[] = {
  { "first", ANY, true, WEFT_VALUE_INIT, "" },
  { "second", WEFT_ACCEPT_NUMBER, false, { WEFT_TYPE_INT64, 0, { .i = 2 } }, "" },
  { "third", WEFT_ACCEPT (WEFT_TYPE_STRING), false, WEFT_VALUE_INIT, "" },
};
static const WeftOpParam rest[] = {
  { "first", ANY, true, WEFT_VALUE_INIT, "" },
  { "more", WEFT_ACCEPT_NUMBER, false, WEFT_VALUE_INIT, "" },
};
static const WeftOp probes[] = {
  { .name = "probe",
    .version = 1,
    .doc = "",
    .params = three,
    .n_params = 3,
    .n_outputs = 1,
    .kernel = probe },
  { .name = "probe.rest",
    .version = 1,
    .doc = "",
    .params = rest,
    .n_params = 2,
    .variadic = true,
    .n_outputs = 1,
    .kernel = probe },
  { .name = "keep",
    .version = 1,
    .doc = "",
    .params = three,
    .n_params = 1,
    .n_outputs = 1,
    .kernel = keep },
};

static WeftOpRegistry *
registry_with_probes (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;

  weft_op_registry_add (registry, probes, G_N_ELEMENTS (probes), &error);
  g_assert_no_error (error);
  return registry;
}

static TestRun *
bound (const char *tasks, GError **error)
{
  WeftOpRegistry *registry = registry_with_probes ();
  TestRun *run = test_run_new (registry, test_graph (tasks), error);

  weft_op_registry_unref (registry);
  return run;
}

/* The result of the last task, "! message" of one that failed, "? error" when binding did. */
static char *
outcome (const char *tasks)
{
  g_autoptr (GError) error = NULL;
  TestRun *run = bound (tasks, &error);
  WeftStatus status;
  char *text;

  if (run == NULL)
    return g_strdup_printf ("? %s", error->message);
  status = test_run_all (run);
  text = status == WEFT_OK ? weft_value_to_text (test_run_wanted (run, 0), false, 0)
                           : g_strdup_printf ("! %s", run->message);
  test_run_free (run);
  return text;
}

static void
assert_outcome (const char *tasks, const char *expected)
{
  g_autofree char *text = outcome (tasks);

  g_assert_cmpstr (text, ==, expected);
}

static const WeftBinding *
binding_of (TestRun *run, const char *key)
{
  uint32_t task = weft_graph_find (run->graph, key, -1);

  g_assert_cmpuint (task, !=, WEFT_NONE);
  return &run->bindings[run->arrays->call_of_task[task]];
}

/* ---- signatures ------------------------------------------------------------------------------ */

static void
test_arguments_go_where_python_puts_them (void)
{
  assert_outcome ("\"t\": {\"op\": \"probe\", \"args\": [1]}", "1 2 null");
  assert_outcome ("\"t\": {\"op\": \"probe\", \"args\": [1, 7, \"x\"]}", "1 7 \"x\"");
  assert_outcome ("\"t\": {\"op\": \"probe\", \"args\": [1], \"kwargs\": {\"third\": \"x\"}}",
                  "1 2 \"x\"");
  assert_outcome ("\"t\": {\"op\": \"probe\", \"kwargs\": {\"second\": 7, \"first\": [1]}}",
                  "[1] 7 null");
  assert_outcome ("\"t\": {\"op\": \"probe\", \"args\": [1, 2, null]}", "1 2 null");
  assert_outcome ("\"t\": {\"op\": \"probe.rest\", \"args\": [1]}", "1");
  assert_outcome ("\"t\": {\"op\": \"probe.rest\", \"args\": [1, 2, 3, 4.5]}", "1 2 3 4.5");
}

static const struct
{
  const char *call;
  WeftGraphError code;
  const char *message;
} bad_calls[] = {
  { "\"op\": \"probee\"", WEFT_GRAPH_ERROR_OPERATION,
    "found unknown operation “probee”, expected one of those that `weftline ops` lists; "
    "did you mean “probe”?" },
  { "\"op\": \"qqqqqqqqqq\"", WEFT_GRAPH_ERROR_OPERATION,
    "found unknown operation “qqqqqqqqqq”, expected one of those that `weftline ops` lists; "
    "--plugin loads more" },
  { "\"op\": \"probe\"", WEFT_GRAPH_ERROR_ARGUMENT,
    "found no argument “first”, expected probe (first, second=…, third=…)" },
  { "\"op\": \"probe\", \"args\": [1, 2, \"\", 4]", WEFT_GRAPH_ERROR_ARGUMENT,
    "found 4 positional arguments, expected at most 3: probe (first, second=…, third=…)" },
  { "\"op\": \"probe\", \"args\": [1], \"kwargs\": {\"secnd\": 1}", WEFT_GRAPH_ERROR_ARGUMENT,
    "found unknown keyword argument “secnd”, expected those of probe "
    "(first, second=…, third=…); did you mean “second”?" },
  { "\"op\": \"probe\", \"args\": [1], \"kwargs\": {\"zzzzzzzz\": 1}", WEFT_GRAPH_ERROR_ARGUMENT,
    "found unknown keyword argument “zzzzzzzz”, expected those of probe "
    "(first, second=…, third=…)" },
  { "\"op\": \"probe\", \"args\": [1], \"kwargs\": {\"first\": 1}", WEFT_GRAPH_ERROR_ARGUMENT,
    "found argument “first” of operation “probe” a second time, by its name, expected it once" },
  { "\"op\": \"probe\", \"args\": [1, \"two\"]", WEFT_GRAPH_ERROR_ARGUMENT,
    "found string as argument “second” of operation “probe”, expected bool, int64 or float64" },
  { "\"op\": \"probe\", \"args\": [1, [2]]", WEFT_GRAPH_ERROR_ARGUMENT,
    "found list as argument “second” of operation “probe”, expected bool, int64 or float64" },
  { "\"op\": \"probe\", \"args\": [1, [{\"ref\": \"x\"}]]", WEFT_GRAPH_ERROR_ARGUMENT,
    "found list as argument “second” of operation “probe”, expected bool, int64 or float64" },
  { "\"op\": \"probe\", \"args\": [1, null]", WEFT_GRAPH_ERROR_ARGUMENT,
    "found none as argument “second” of operation “probe”, expected bool, int64 or float64" },
  { "\"op\": \"probe.rest\", \"args\": [1, 2, \"3\"]", WEFT_GRAPH_ERROR_ARGUMENT,
    "found string as argument “more” of operation “probe.rest”, expected bool, int64 or float64" },
  { "\"op\": \"probe.rest\", \"args\": [1], \"kwargs\": {\"more\": 1}", WEFT_GRAPH_ERROR_ARGUMENT,
    "found unknown keyword argument “more”, expected those of probe.rest (first, *more)" },
  { "\"op\": \"probe.rest\"", WEFT_GRAPH_ERROR_ARGUMENT,
    "found no argument “first”, expected probe.rest (first, *more)" },
  { "\"op\": \"add\", \"args\": [1, 2], \"outputs\": 2", WEFT_GRAPH_ERROR_ARGUMENT,
    "found 2 outputs of operation “add”, which has 1" },
};

static void
test_bad_calls_say_what_is_wrong (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad_calls); i++)
    {
      g_autofree char *tasks = g_strdup_printf (
          "\"x\": {\"op\": \"const\", \"args\": [1]}, \"t-1\": {%s}", bad_calls[i].call);
      g_autoptr (GError) error = NULL;

      g_assert_null (bound (tasks, &error));
      g_assert_error (error, WEFT_GRAPH_ERROR, (int) bad_calls[i].code);
      g_assert_true (g_str_has_prefix (error->message, "test.json:1:"));
      g_assert_nonnull (strstr (error->message, ": task “t-1”: "));
      g_assert_cmpstr (strstr (error->message, "task “t-1”: ") + strlen ("task “t-1”: "), ==,
                       bad_calls[i].message);
    }
}

/* The place is the call's: line and column of the second task's operation. */
static void
test_errors_carry_the_place (void)
{
  const char *text =
      "{\"weftline\": 1,\n \"tasks\": {\n  \"a\": {\"op\": \"add\", \"args\": [1, 2]},\n"
      "  \"b\": {\"op\": \"ad\", \"args\": [1, 2]}}}";
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (text, strlen (text), "in.json", WEFT_GRAPH_FORMAT_NATIVE, &error);

  g_assert_no_error (error);
  g_assert_null (_weft_bind_graph (registry, graph, &error));
  g_assert_true (g_str_has_prefix (error->message, "in.json:4:"));
  weft_graph_unref (graph);
  weft_op_registry_unref (registry);
}

static void
test_unknown_version_names_the_known_one (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;
  uint32_t call;

  weft_graph_builder_begin_call (builder, "add", 7, 1);
  weft_graph_builder_arg_int64 (builder, 1);
  weft_graph_builder_arg_int64 (builder, 1);
  call = weft_graph_builder_end_call (builder);
  weft_graph_builder_want (builder, weft_graph_builder_add_task (builder, "t", -1, call, NULL, 0),
                           0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  g_assert_null (_weft_bind_graph (registry, graph, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_OPERATION,
                     "found version 7 of operation “add”, expected version 1", NULL);
  weft_graph_unref (graph);
  weft_op_registry_unref (registry);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

#define A "\"a\": {\"op\": \"const\", \"args\": [\"A\"]}, "
#define B "\"b\": {\"op\": \"const\", \"args\": [3]}, "
#define REF_A "{\"ref\": \"a\"}"
#define REF_B "{\"ref\": \"b\"}"

static void
test_kinds_are_recognised (void)
{
  g_autoptr (GError) error = NULL;
  TestRun *run = bound (A B "\"i\": {\"op\": \"list\", \"args\": [" REF_A ", " REF_B "]}, "
                            "\"f\": {\"op\": \"list\", \"args\": [1, " REF_A "]}, "
                            "\"r\": {\"op\": \"list\", \"args\": [" REF_A ", " REF_A "]}, "
                            "\"n\": {\"op\": \"keep\", \"args\": [[" REF_A "]]}, "
                            "\"c\": {\"op\": \"keep\", \"args\": [[1, {\"x\": [2]}]]}, "
                            "\"d\": {\"op\": \"add\", \"args\": [" REF_B ", 1]}",
                        &error);

  g_assert_no_error (error);
  g_assert_cmpint (binding_of (run, "i")->kind, ==, WEFT_BINDING_IDENTITY);
  g_assert_false (binding_of (run, "i")->repeated);
  g_assert_cmpint (binding_of (run, "f")->kind, ==, WEFT_BINDING_FLAT);
  g_assert_false (binding_of (run, "f")->checked);
  g_assert_cmpint (binding_of (run, "r")->kind, ==, WEFT_BINDING_FLAT);
  g_assert_true (binding_of (run, "r")->repeated);
  g_assert_cmpint (binding_of (run, "n")->kind, ==, WEFT_BINDING_NESTED);
  g_assert_cmpint (binding_of (run, "c")->kind, ==, WEFT_BINDING_FLAT);
  g_assert_true (binding_of (run, "d")->checked);
  test_run_free (run);
}

static void
test_inputs_stand_where_the_template_says (void)
{
  assert_outcome (A B "\"t\": {\"op\": \"probe\", \"args\": [" REF_A ", " REF_B "]}",
                  "\"A\" 3 null");
  assert_outcome (A B "\"t\": {\"op\": \"probe\", \"args\": [[" REF_A ", " REF_B ", " REF_A "]]}",
                  "[\"A\", 3, \"A\"] 2 null");
  assert_outcome (A B "\"t\": {\"op\": \"probe\", \"args\": [[1, [" REF_A ", {\"x\": [" REF_B
                      "]}], {\"y\": " REF_A "}]]}",
                  "[1, [\"A\", {\"x\": [3]}], {\"y\": \"A\"}] 2 null");
  assert_outcome (A B "\"t\": {\"op\": \"probe\", \"args\": [{\"p\": " REF_B ", \"q\": [" REF_A
                      ", 5], \"r\": [6]}]}",
                  "{\"p\": 3, \"q\": [\"A\", 5], \"r\": [6]} 2 null");
}

static void
test_input_of_a_wrong_type_is_a_task_error (void)
{
  assert_outcome (A "\"t\": {\"op\": \"probe\", \"args\": [1, " REF_A "]}",
                  "! argument “second” of operation “probe” is string, expected bool, int64 or "
                  "float64");
  assert_outcome (A B "\"t\": {\"op\": \"probe\", \"args\": [[" REF_A "], " REF_B ", " REF_B "]}",
                  "! argument “third” of operation “probe” is int64, expected none or string");
  assert_outcome (A B "\"t\": {\"op\": \"probe.rest\", \"args\": [1, " REF_B ", 2, " REF_A "]}",
                  "! argument “more” of operation “probe.rest” is string, expected bool, int64 or "
                  "float64");
}

static void
test_a_run_of_inputs_is_not_copied (void)
{
  WeftOpRegistry *registry = registry_with_probes ();
  g_autoptr (GError) error = NULL;
  TestRun *run = test_run_new (
      registry, test_graph (A B "\"t\": {\"op\": \"probe\", \"args\": [[" REF_A ", " REF_B "]]}"),
      &error);
  WeftValue inputs[2] = { WEFT_VALUE_INIT, WEFT_VALUE_INIT };
  WeftStatus status = WEFT_OK;
  const WeftValue *args;
  uint32_t n_args;
  WeftBox *box = NULL;

  g_assert_no_error (error);
  for (int round = 0; round < 2; round++)
    {
      weft_value_set_int64 (&inputs[0], round);
      weft_value_set_int64 (&inputs[1], 5);
      args = _weft_binding_args (binding_of (run, "t"), inputs, &run->base, &n_args, &status);
      g_assert_cmpuint (n_args, ==, 3);
      g_assert_true (((WeftList *) args[0].u.box)->items == inputs);
      g_assert_cmpuint (((WeftList *) args[0].u.box)->n_items, ==, 2);
      g_assert_true (((WeftList *) args[0].u.box)->borrowed);
      /* the second call uses the first one's box again */
      g_assert_true (round == 0 || args[0].u.box == box);
      box = args[0].u.box;
      _weft_binding_done (binding_of (run, "t"), args, &run->base);
    }
  test_run_free (run);
  weft_op_registry_unref (registry);
}

/* ---- lists that the kernel keeps ------------------------------------------------------------- */

static void
test_a_kept_list_comes_to_own_its_items (void)
{
  assert_outcome (A B "\"t\": {\"op\": \"keep\", \"args\": [[" REF_A ", " REF_B "]]}",
                  "[\"A\", 3]");
  assert_outcome (A B "\"k\": {\"op\": \"keep\", \"args\": [[[" REF_A "], [" REF_B ", [" REF_A
                      "]], {\"r\": [" REF_A "]}]]}, "
                      "\"t\": {\"op\": \"probe\", \"args\": [{\"ref\": \"k\"}]}",
                  "[[\"A\"], [3, [\"A\"]], {\"r\": [\"A\"]}] 2 null");
  /* an inner list outlives the outer one */
  assert_outcome (A "\"t\": {\"op\": \"getitem\", \"args\": [[1, [" REF_A "]], 1]}", "[\"A\"]");
  assert_outcome (A "\"t\": {\"op\": \"getitem\", \"args\": [{\"x\": [" REF_A "]}, \"x\"]}",
                  "[\"A\"]");
}

static void
test_failed_and_forgotten_lists_are_let_go (void)
{
  assert_outcome (A "\"t\": {\"op\": \"sum\", \"args\": [[" REF_A ", 1]]}",
                  "! item 0 is string, expected a number");
  assert_outcome (A "\"t\": {\"op\": \"probe\", \"args\": [[[" REF_A "]], " REF_A "]}",
                  "! argument “second” of operation “probe” is string, expected bool, int64 or "
                  "float64");
}

/* ---- templates that only programs can write -------------------------------------------------- */

static WeftGraph *
graph_of_call (WeftGraphBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  uint32_t call = weft_graph_builder_end_call (builder);
  WeftGraph *graph;

  weft_graph_builder_want (builder, weft_graph_builder_add_task (builder, "t", -1, call, NULL, 0),
                           0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  return graph;
}

static TestRun *
run_of_call (WeftGraphBuilder *builder)
{
  WeftOpRegistry *registry = registry_with_probes ();
  g_autoptr (GError) error = NULL;
  TestRun *run = test_run_new (registry, graph_of_call (builder), &error);

  g_assert_no_error (error);
  weft_op_registry_unref (registry);
  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  return run;
}

static void
test_tags_and_maps_become_lists (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  const WeftList *outer, *map, *single;
  TestRun *run;

  weft_graph_builder_begin_call (builder, "keep", 0, 1);
  weft_graph_builder_arg_tag (builder, "tuple");
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_begin_map (builder);
  weft_graph_builder_arg_int64 (builder, 1);
  weft_graph_builder_arg_string (builder, "one", -1);
  weft_graph_builder_arg_end (builder);
  weft_graph_builder_arg_tag (builder, "bigint");
  weft_graph_builder_arg_string (builder, "123", -1);
  weft_graph_builder_arg_end (builder);
  run = run_of_call (builder);
  outer = (const WeftList *) test_run_wanted (run, 0)->u.box;
  g_assert_cmpstr (outer->tag, ==, "tuple");
  map = (const WeftList *) outer->items[0].u.box;
  g_assert_cmpstr (map->tag, ==, "map");
  g_assert_cmpuint (map->n_items, ==, 1);
  g_assert_cmpuint (((const WeftList *) map->items[0].u.box)->n_items, ==, 2);
  single = (const WeftList *) outer->items[1].u.box;
  g_assert_cmpstr (single->tag, ==, "bigint");
  g_assert_cmpstr (((const WeftString *) single->items[0].u.box)->chars, ==, "123");
  test_run_free (run);
}

static void
free_value (void *data)
{
  weft_value_unref (data);
  g_free (data);
}

static void
test_objects_and_encoded_values_are_constants (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftValue *object = g_new0 (WeftValue, 1);
  g_autoptr (GError) error = NULL;
  WeftBuffer *encoded;
  WeftValue number;
  TestRun *run;
  g_autofree char *text = NULL;

  g_assert_cmpint (weft_value_init_string (object, NULL, "here", 4), ==, WEFT_OK);
  weft_value_set_float64 (&number, 1.5);
  weft_value_encode (&number, WEFT_COMPRESSION_NONE, &encoded, &error);
  g_assert_no_error (error);
  weft_graph_builder_begin_call (builder, "keep", 0, 1);
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_constant (builder, object, free_value);
  weft_graph_builder_arg_encoded (builder, encoded->bytes, encoded->n_bytes);
  weft_graph_builder_arg_end (builder);
  weft_buffer_unref (encoded);
  run = run_of_call (builder);
  text = weft_value_to_text (test_run_wanted (run, 0), true, 0);
  g_assert_cmpstr (text, ==, "[\"here\", 1.5]");
  test_run_free (run);
}

static void
test_damaged_encoded_values_are_refused (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftOpRegistry *registry = registry_with_probes ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  weft_graph_builder_begin_call (builder, "keep", 0, 1);
  weft_graph_builder_arg_encoded (builder, "no value at all, but more than a head of bytes", 40);
  graph = graph_of_call (builder);
  g_assert_null (_weft_bind_graph (registry, graph, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT,
                     "found an encoded constant that cannot be decoded", NULL);
  weft_graph_unref (graph);
  weft_op_registry_unref (registry);
}

/* ---- many ------------------------------------------------------------------------------------ */

static void
append_both (GString *a, GString *b, const char *text)
{
  g_string_append (a, text);
  g_string_append (b, text);
}

/* Random templates of inputs and constants read the same whether they are built or were written
 * out. */
static void
append_random_node (GString *with_refs, GString *plain, int depth)
{
  int kind = g_test_rand_int_range (0, depth > 3 ? 3 : 6);
  int n = g_test_rand_int_range (0, 4);

  if (kind < 2)
    {
      int i = g_test_rand_int_range (0, 8);

      g_string_append_printf (with_refs, "{\"ref\": \"in-%d\"}", i);
      g_string_append_printf (plain, "[%d, \"x\"]", i);
    }
  else if (kind == 2)
    {
      g_string_append_printf (with_refs, "%d", n);
      g_string_append_printf (plain, "%d", n);
    }
  else
    {
      bool record = kind == 3;

      append_both (with_refs, plain, record ? "{" : "[");
      for (int i = 0; i < n; i++)
        {
          if (i > 0)
            append_both (with_refs, plain, ", ");
          if (record)
            {
              g_autofree char *name = g_strdup_printf ("\"f%d\": ", i);

              append_both (with_refs, plain, name);
            }
          append_random_node (with_refs, plain, depth + 1);
        }
      append_both (with_refs, plain, record ? "}" : "]");
    }
}

static void
test_random_templates_are_built_as_written (void)
{
  for (unsigned round = 0; round < 300 / test_slowdown (); round++)
    {
      g_autoptr (GString) tasks = g_string_new (NULL);
      g_autoptr (GString) node = g_string_new (NULL);
      g_autoptr (GString) plain = g_string_new (NULL);

      for (int i = 0; i < 8; i++)
        g_string_append_printf (tasks, "\"in-%d\": {\"op\": \"const\", \"args\": [[%d, \"x\"]]}, ",
                                i, i);
      append_random_node (node, plain, 0);
      /* through `keep`, so that whatever was built outlives its inputs */
      g_string_append_printf (tasks, "\"k\": {\"op\": \"keep\", \"args\": [%s]}, ", node->str);
      g_string_append (tasks, "\"t\": {\"op\": \"probe\", \"args\": [{\"ref\": \"k\"}]}");
      g_string_append (plain, " 2 null");
      {
        g_autoptr (GError) error = NULL;
        WeftOpRegistry *registry = registry_with_probes ();
        g_autofree char *text = g_strdup_printf (
            "{\"weftline\": 1, \"tasks\": {%s}, \"outputs\": [\"t\"]}", tasks->str);
        WeftGraph *graph = weft_graph_read_bytes (text, strlen (text), "test.json",
                                                  WEFT_GRAPH_FORMAT_NATIVE, &error);
        TestRun *run;

        g_assert_no_error (error);
        run = test_run_new (registry, graph, &error);
        g_assert_no_error (error);
        g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
        g_assert_cmpstr (((const WeftString *) test_run_wanted (run, 0)->u.box)->chars, ==,
                         plain->str);
        test_run_free (run);
        weft_op_registry_unref (registry);
      }
    }
}

/* A million calls of their own bind in little time and memory, and 100,000 inputs make one list. */
static void
test_many_calls_and_inputs (void)
{
  uint32_t n = 100000 / test_slowdown ();
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autofree WeftTaskOutput *inputs = g_new0 (WeftTaskOutput, n);
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;
  TestRun *run;
  uint32_t call, pattern;

  pattern = weft_graph_builder_key_pattern (builder, "x-", "");
  for (uint32_t i = 0; i < n; i++)
    {
      weft_graph_builder_begin_call (builder, "add", 0, 1);
      weft_graph_builder_arg_int64 (builder, i);
      weft_graph_builder_arg_int64 (builder, 1);
      call = weft_graph_builder_end_call (builder);
      inputs[i].task = weft_graph_builder_add_numbered (builder, pattern, i, call, NULL, 0);
    }
  weft_graph_builder_begin_call (builder, "sum", 0, 1);
  weft_graph_builder_arg_begin_list (builder);
  weft_graph_builder_arg_slots (builder, 0, n);
  weft_graph_builder_arg_end (builder);
  call = weft_graph_builder_end_call (builder);
  weft_graph_builder_want (builder, weft_graph_builder_add_task (builder, "t", -1, call, inputs, n),
                           0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  run = test_run_new (registry, graph, &error);
  g_assert_no_error (error);
  g_assert_cmpint (test_run_all (run), ==, WEFT_OK);
  g_assert_cmpint (test_run_wanted (run, 0)->u.i, ==, (int64_t) n * (n - 1) / 2 + n);
  test_run_free (run);
  weft_op_registry_unref (registry);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "bind", "arguments-go-where-python-puts-them",
            test_arguments_go_where_python_puts_them);
  test_add ("kernels", "bind", "bad-calls-say-what-is-wrong", test_bad_calls_say_what_is_wrong);
  test_add ("kernels", "bind", "errors-carry-the-place", test_errors_carry_the_place);
  test_add ("kernels", "bind", "unknown-version-names-the-known-one",
            test_unknown_version_names_the_known_one);
  test_add ("kernels", "bind", "kinds-are-recognised", test_kinds_are_recognised);
  test_add ("kernels", "bind", "inputs-stand-where-the-template-says",
            test_inputs_stand_where_the_template_says);
  test_add ("kernels", "bind", "input-of-a-wrong-type-is-a-task-error",
            test_input_of_a_wrong_type_is_a_task_error);
  test_add ("kernels", "bind", "a-run-of-inputs-is-not-copied", test_a_run_of_inputs_is_not_copied);
  test_add ("kernels", "bind", "a-kept-list-comes-to-own-its-items",
            test_a_kept_list_comes_to_own_its_items);
  test_add ("kernels", "bind", "failed-and-forgotten-lists-are-let-go",
            test_failed_and_forgotten_lists_are_let_go);
  test_add ("kernels", "bind", "tags-and-maps-become-lists", test_tags_and_maps_become_lists);
  test_add ("kernels", "bind", "objects-and-encoded-values-are-constants",
            test_objects_and_encoded_values_are_constants);
  test_add ("kernels", "bind", "damaged-encoded-values-are-refused",
            test_damaged_encoded_values_are_refused);
  test_add ("kernels", "bind", "random-templates-are-built-as-written",
            test_random_templates_are_built_as_written);
  test_add ("kernels", "bind", "many-calls-and-inputs", test_many_calls_and_inputs);
  return g_test_run ();
}
