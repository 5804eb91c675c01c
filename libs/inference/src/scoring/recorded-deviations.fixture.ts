/** A way in which this answers otherwise than MLflow on purpose, with requests that show it. */
export interface Deviation {
  readonly why: string;
  /** A line as in recorded-answers.fixture.ts with MLflow's answer; below it status and predictions of this. */
  readonly recorded: string;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    why: 'Outputs of different sizes cannot be records: MLflow fails, this answers with arrays',
    recorded: String.raw`
clf_none json {"dataframe_split":{"columns":["sepal_length","sepal_width","petal_length","petal_width"],"data":[[5.1,3.5,1.4,0.2],[6.2,3.4,5.4,2.3]]}} -> 400 BAD_REQUEST
  ours 200 {"label":[0,2],"probabilities":[[0.9815728664398193,0.018427124246954918,1.4781144308528837e-8],[0.0000462562711618375,0.03874795511364937,0.961205780506134]]}
clf_none json {"dataframe_split":{"data":[[5.1,3.5,1.4,0.2]]}} -> 400 BAD_REQUEST
  ours 200 {"label":[0],"probabilities":[[0.9815728664398193,0.018427124246954918,1.4781144308528837e-8]]}
clf_none json {"dataframe_records":[{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}]} -> 400 BAD_REQUEST
  ours 200 {"label":[0],"probabilities":[[0.9815728664398193,0.018427124246954918,1.4781144308528837e-8]]}
clf_none csv "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n" -> 400 BAD_REQUEST
  ours 200 {"label":[0],"probabilities":[[0.9815728664398193,0.018427124246954918,1.4781144308528837e-8]]}
`,
  },
  {
    why: 'Without a signature MLflow does not cast; this casts by the graph',
    recorded: String.raw`
reg_none json {"dataframe_split":{"data":[[1,2]]}} -> 400 BAD_REQUEST
  ours 200 [{"variable":-3.426417827606201}]
reg_none json {"inputs":[[1,2]]} -> 400 BAD_REQUEST
  ours 200 {"variable":[[-3.426417827606201]]}
reg_none json {"dataframe_split":{"columns":["a","b"],"data":[["1.5",null]]}} -> 400 BAD_REQUEST
  ours 200 [{"variable":"NaN"}]
reg_none json {"inputs":[[null,1]]} -> 400 BAD_REQUEST
  ours 200 {"variable":[["NaN"]]}
reg_none json {"inputs":[["1.5","2"]]} -> 400 BAD_REQUEST
  ours 200 {"variable":[[-2.538621425628662]]}
reg_none json {"inputs":[[true,2]]} -> 400 BAD_REQUEST
  ours 200 {"variable":[[-3.426417827606201]]}
str_none json {"dataframe_split":{"columns":["a"],"data":[[1]]}} -> 400 BAD_REQUEST
  ours 200 [{"y":"1"}]
multi1_none json {"dataframe_split":{"columns":["a","b"],"data":[[1.5,"2"]]}} -> 400 BAD_REQUEST
  ours 200 [{"sum":3.5}]
`,
  },
  {
    why: "MLflow's server reads no CSV for a model with a tensor signature",
    recorded: String.raw`
clf_tensor csv "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n" -> 400 BAD_REQUEST
  ours 200 {"label":[0],"probabilities":[[0.9815728664398193,0.018427124246954918,1.4781144308528837e-8]]}
reg_tensor csv "a,b\n1.5,2.5\n" -> 400 BAD_REQUEST
  ours 200 {"variable":[[-3.207933187484741]]}
reg_tensor csv "b,a\r\n1,2.5\r\n" -> 400 BAD_REQUEST
  ours 200 {"variable":[[-4.095729351043701]]}
reg_tensor csv "a,b\n1.5,\n" -> 400 BAD_REQUEST
  ours 200 {"variable":[["NaN"]]}
str_tensor csv "a\nx\n" -> 400 BAD_REQUEST
  ours 200 {"y":["x"]}
`,
  },
  {
    why: 'Rows by position feed a model with named columns',
    recorded: String.raw`
reg_columns json {"dataframe_split":{"index":[7,3],"columns":[0,1],"data":[[1.5,2.5],[1,2]]}} -> 400 INVALID_PARAMETER_VALUE
  ours 200 [{"variable":-3.207933187484741},{"variable":-3.426417827606201}]
reg_columns json {"dataframe_split":{"data":[[1.5,2.5]]}} -> 400 INVALID_PARAMETER_VALUE
  ours 200 [{"variable":-3.207933187484741}]
reg_columns json {"dataframe_split":{"data":[[1,2]]}} -> 400 INVALID_PARAMETER_VALUE
  ours 200 [{"variable":-3.426417827606201}]
reg_columns json {"inputs":[[1.5,2.5]]} -> 400 INVALID_PARAMETER_VALUE
  ours 200 [{"variable":-3.207933187484741}]
reg_columns json {"instances":[[1.5,2.5]]} -> 400 INVALID_PARAMETER_VALUE
  ours 200 [{"variable":-3.207933187484741}]
reg_columns json {"inputs":[[1,2]]} -> 400 INVALID_PARAMETER_VALUE
  ours 200 [{"variable":-3.426417827606201}]
`,
  },
  {
    why: 'The only input may be called by its name',
    recorded: String.raw`
clf_tensor json {"inputs":{"X":[[5.1,3.5,1.4,0.2]]}} -> 400 BAD_REQUEST
  ours 200 {"label":[0],"probabilities":[[0.9815728664398193,0.018427124246954918,1.4781144308528837e-8]]}
clf_columns json {"inputs":{"X":[[5.1,3.5,1.4,0.2]]}} -> 400 INVALID_PARAMETER_VALUE
  ours 200 {"label":[0],"probabilities":[[0.9815728664398193,0.018427124246954918,1.4781144308528837e-8]]}
reg_tensor json {"inputs":{"X":[[1.5,2.5]]}} -> 400 BAD_REQUEST
  ours 200 {"variable":[[-3.207933187484741]]}
reg_unnamed json {"inputs":{"X":[[1.5,2.5]]}} -> 400 BAD_REQUEST
  ours 200 [{"variable":-3.207933187484741}]
id_i64_tensor json {"inputs":{"x":[[1,2]]}} -> 400 BAD_REQUEST
  ours 200 {"y":[[1,2]]}
`,
  },
  {
    why: 'A bare value stands for a row of one element',
    recorded: String.raw`
str_none json {"inputs":["x","y"]} -> 400 BAD_REQUEST
  ours 200 {"y":[["x"],["y"]]}
str_none json {"instances":["x"]} -> 400 BAD_REQUEST
  ours 200 {"y":[["x"]]}
multi1_none json {"inputs":{"a":1.5,"b":2}} -> 400 BAD_REQUEST
  ours 200 {"sum":[3.5]}
multi1_tensor json {"inputs":{"a":1.5,"b":2}} -> 400 INVALID_PARAMETER_VALUE
  ours 200 {"sum":[3.5]}
multi2_none json {"dataframe_split":{"columns":["a","b"],"data":[[1.5,2],[3.5,4]]}} -> 400 BAD_REQUEST
  ours 200 [{"sum":3.5},{"sum":7.5}]
multi2_none json {"inputs":{"a":[1.5],"b":[2]}} -> 400 BAD_REQUEST
  ours 200 {"sum":[[3.5]]}
multi2_none json {"inputs":{"a":1.5,"b":2}} -> 400 BAD_REQUEST
  ours 200 {"sum":[[3.5]]}
multi2_none json {"instances":[{"a":1.5,"b":2},{"a":1,"b":3}]} -> 400 BAD_REQUEST
  ours 200 {"sum":[[3.5],[4.0]]}
`,
  },
  {
    why: 'Objects for rows, and members the model does not take, also for tensors',
    recorded: String.raw`
multi1_none json {"inputs":{"a":[1.5],"b":[2],"z":[3]}} -> 400 BAD_REQUEST
  ours 200 {"sum":[3.5]}
multi1_none json {"inputs":[{"a":1.5,"b":2}]} -> 400 BAD_REQUEST
  ours 200 {"sum":[3.5]}
multi1_tensor json {"inputs":[{"a":1.5,"b":2}]} -> 400 INVALID_PARAMETER_VALUE
  ours 200 {"sum":[3.5]}
multi2_none json {"inputs":{"a":[1.5],"b":[2],"z":[3]}} -> 400 BAD_REQUEST
  ours 200 {"sum":[[3.5]]}
`,
  },
  {
    why: 'Nested arrays in the cells of a data frame',
    recorded: String.raw`
cube_none json {"dataframe_records":[{"x":[[1,2,3],[4,5,6.5]]}]} -> 400 BAD_REQUEST
  ours 200 [{"y":1.0},{"y":2.0},{"y":3.0},{"y":4.0},{"y":5.0},{"y":6.5}]
cube_none json {"dataframe_split":{"columns":["x"],"data":[[[[1,2,3],[4,5,6.5]]]]}} -> 400 BAD_REQUEST
  ours 200 [{"y":1.0},{"y":2.0},{"y":3.0},{"y":4.0},{"y":5.0},{"y":6.5}]
cube_tensor json {"dataframe_records":[{"x":[[1,2,3],[4,5,6.5]]}]} -> 400 INVALID_PARAMETER_VALUE
  ours 200 {"y":[[[1.0,2.0,3.0],[4.0,5.0,6.5]]]}
cube_tensor json {"dataframe_split":{"columns":["x"],"data":[[[[1,2,3],[4,5,6.5]]]]}} -> 400 INVALID_PARAMETER_VALUE
  ours 200 {"y":[[[1.0,2.0,3.0],[4.0,5.0,6.5]]]}
`,
  },
  {
    why: 'pandas 3 holds texts in an array that MLflow cannot feed to a model with several inputs',
    recorded: String.raw`
mixed_columns json {"dataframe_split":{"columns":["age","city"],"data":[[30,"Oslo"],[41,"Rīga"]]}} -> 400 BAD_REQUEST
  ours 200 [{"age_out":30.0,"city_out":"Oslo"},{"age_out":41.0,"city_out":"Rīga"}]
mixed_columns json {"inputs":{"age":[30.5],"city":["Oslo"]}} -> 400 BAD_REQUEST
  ours 200 [{"age_out":30.5,"city_out":"Oslo"}]
mixed_columns json {"instances":[{"age":30.5,"city":"Oslo"}]} -> 400 BAD_REQUEST
  ours 200 [{"age_out":30.5,"city_out":"Oslo"}]
mixed_columns json {"dataframe_records":[{"city":"Oslo","age":3.5}]} -> 400 BAD_REQUEST
  ours 200 [{"age_out":3.5,"city_out":"Oslo"}]
mixed_none json {"dataframe_split":{"columns":["age","city"],"data":[[30,"Oslo"],[41,"Rīga"]]}} -> 400 BAD_REQUEST
  ours 200 [{"age_out":30.0,"city_out":"Oslo"},{"age_out":41.0,"city_out":"Rīga"}]
mixed_none json {"dataframe_records":[{"city":"Oslo","age":3.5}]} -> 400 BAD_REQUEST
  ours 200 [{"age_out":3.5,"city_out":"Oslo"}]
`,
  },
  {
    why: 'A fraction is not cut',
    recorded: String.raw`
id_i64_columns json {"dataframe_split":{"columns":["a","b"],"data":[[1.7,1]]}} -> 200 [{"y":1},{"y":1}]
  ours 400
id_i64_columns json {"inputs":{"a":[1.7,2],"b":[0,1]}} -> 200 [{"y":1},{"y":0},{"y":2},{"y":1}]
  ours 400
id_i64_columns json {"instances":[{"a":1.7,"b":0}]} -> 200 [{"y":1},{"y":0}]
  ours 400
id_i32_columns json {"dataframe_split":{"columns":["a","b"],"data":[[1.7,1]]}} -> 200 [{"y":1},{"y":1}]
  ours 400
id_i32_columns json {"inputs":{"a":[1.7,2],"b":[0,1]}} -> 200 [{"y":1},{"y":0},{"y":2},{"y":1}]
  ours 400
`,
  },
  {
    why: 'A number out of range is neither wrapped nor made infinite',
    recorded: String.raw`
id_i64_columns json {"dataframe_split":{"columns":["a","b"],"data":[[1e+20,1]]}} -> 200 [{"y":-9223372036854775808},{"y":1}]
  ours 400
id_i32_columns json {"dataframe_split":{"columns":["a","b"],"data":[[3000000000.0,1]]}} -> 200 [{"y":-2147483648},{"y":1}]
  ours 400
id_i32_columns json {"dataframe_split":{"columns":["a","b"],"data":[[9007199254740993,1]]}} -> 200 [{"y":1},{"y":1}]
  ours 400
id_i32_columns json {"dataframe_split":{"columns":["a","b"],"data":[[1e+20,1]]}} -> 200 [{"y":-2147483648},{"y":1}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[[3000000000.0,1]]}} -> 200 [{"y":true},{"y":true}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[[9007199254740993,1]]}} -> 200 [{"y":true},{"y":true}]
  ours 400
`,
  },
  {
    why: 'What is not true, false, 1 or 0 is no boolean',
    recorded: String.raw`
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[[2.0,1]]}} -> 200 [{"y":true},{"y":true}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[["3",1]]}} -> 200 [{"y":true},{"y":true}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[["3.5",1]]}} -> 200 [{"y":true},{"y":true}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[[" 4 ",1]]}} -> 200 [{"y":true},{"y":true}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[["abc",1]]}} -> 200 [{"y":true},{"y":true}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[["",1]]}} -> 200 [{"y":false},{"y":true}]
  ours 400
id_bool_columns json {"dataframe_split":{"columns":["a","b"],"data":[[null,1]]}} -> 200 [{"y":false},{"y":true}]
  ours 400
`,
  },
  {
    why: 'A missing value, a fraction and a boolean are no text, and neither is an array',
    recorded: String.raw`
str_columns json {"dataframe_split":{"columns":["a"],"data":[[1.5]]}} -> 200 [{"y":"1.5"}]
  ours 400
str_columns json {"dataframe_split":{"columns":["a"],"data":[[null],["y"]]}} -> 200 [{"y":"nan"},{"y":"y"}]
  ours 400
str_columns json {"dataframe_split":{"columns":["a"],"data":[[true]]}} -> 200 [{"y":"True"}]
  ours 400
str_columns json {"instances":[["x"]]} -> 200 [{"y":"['x']"}]
  ours 200 [{"y":"x"}]
str_none json {"dataframe_split":{"columns":["a"],"data":[[null],["y"]]}} -> 200 [{"y":"nan"},{"y":"y"}]
  ours 400
str_tensor json {"dataframe_split":{"columns":["a"],"data":[[1.5]]}} -> 200 {"y":["1.5"]}
  ours 400
str_tensor json {"dataframe_split":{"columns":["a"],"data":[[null],["y"]]}} -> 200 {"y":["nan","y"]}
  ours 400
str_tensor json {"dataframe_split":{"columns":["a"],"data":[[true]]}} -> 200 {"y":["True"]}
  ours 400
`,
  },
  {
    why: 'In CSV a quoted empty cell is the empty text, and NA may be a name',
    recorded: String.raw`
str_columns csv "a\n\"\"\n" -> 200 [{"y":"nan"}]
  ours 200 [{"y":""}]
str_columns csv "a\nNA\n" -> 200 [{"y":"nan"}]
  ours 200 [{"y":"NA"}]
str_columns csv "a\nNone\nnull\n" -> 200 [{"y":"nan"},{"y":"nan"}]
  ours 200 [{"y":"None"},{"y":"null"}]
`,
  },
  {
    why: 'A ragged row is refused, not filled or taken for an index',
    recorded: String.raw`
id_f64_columns csv "a,b\n1\n" -> 200 [{"y":1.0},{"y":NaN}]
  ours 400
id_f64_columns csv "a,b\n1,2,3\n" -> 200 [{"y":2.0},{"y":3.0}]
  ours 400
id_i64_columns csv "a,b\n1,2,3\n" -> 200 [{"y":2},{"y":3}]
  ours 400
id_i32_columns csv "a,b\n1,2,3\n" -> 200 [{"y":2},{"y":3}]
  ours 400
multi2_columns json {"inputs":{"a":[[1.5]],"b":[[2]]}} -> 400 INVALID_PARAMETER_VALUE
  ours 200 [{"sum":3.5}]
reg_tensor json {"dataframe_split":{"data":[[1.5,2.5],[1.5]],"columns":["a","b"]}} -> 200 {"variable":[[-3.20793],[NaN]]}
  ours 400
reg_tensor json {"dataframe_split":{"data":[[1.5],[1.5,2]],"columns":["a","b"]}} -> 200 {"variable":[[NaN],[-2.53862]]}
  ours 400
`,
  },
  {
    why: 'No rows are refused',
    recorded: String.raw`
reg_columns json {"dataframe_split":{"columns":["a","b"],"data":[]}} -> 200 []
  ours 400
reg_unnamed json {"dataframe_split":{"columns":["a","b"],"data":[]}} -> 200 []
  ours 400
id_f64_columns csv "a,b\n" -> 200 []
  ours 400
id_f64_columns csv "a,b" -> 200 []
  ours 400
`,
  },
  {
    why: 'Requests whose inputs have different numbers of rows cannot share a run',
    recorded: String.raw`
multi1_none json {"inputs":{"a":[1.5,1],"b":[2]}} -> 200 {"sum":[3.5,3.0]}
  ours 400
multi1_tensor json {"inputs":{"a":[1.5,1],"b":[2]}} -> 200 {"sum":[3.5,3.0]}
  ours 400
`,
  },
  {
    why: 'A column given twice, and one too many for a model without names',
    recorded: String.raw`
reg_unnamed json {"dataframe_split":{"columns":["b","z","a"],"data":[[1.5,9,2.5]]}} -> 200 [{"variable":-11.909}]
  ours 400
reg_unnamed json {"dataframe_split":{"data":[[1.5,2.5,3.5]]}} -> 200 [{"variable":-3.20793}]
  ours 400
reg_unnamed json {"dataframe_records":[{"a":1.5,"b":2.5},{"b":1.0,"a":2.0,"c":3}]} -> 200 [{"variable":-3.20793},{"variable":-0.312202}]
  ours 400
id_f64_columns csv "a,b,a\n1,0,2\n" -> 200 [{"y":1.0},{"y":0.0}]
  ours 400
`,
  },
  {
    why: 'An index of another length, and rows of a data frame that are no arrays',
    recorded: String.raw`
reg_tensor json {"dataframe_split":{"data":[[1.5,2.5]],"index":[1,2]}} -> 200 {"variable":[[-3.20793],[-3.20793]]}
  ours 400
reg_tensor json {"dataframe_split":{"data":[{"a":1.5,"b":2.5}]}} -> 200 {"variable":[[-3.20793]]}
  ours 400
reg_tensor json {"dataframe_split":{"data":{"a":[1.5],"b":[2.5]}}} -> 200 {"variable":[[-3.20793]]}
  ours 400
`,
  },
  {
    why: "An array for a model with several inputs is the client's mistake",
    recorded: String.raw`
multi1_none json {"inputs":[1.5,2]} -> 500 INTERNAL_ERROR
  ours 400
multi1_none json {"inputs":[[1.5,2]]} -> 500 INTERNAL_ERROR
  ours 400
multi1_none json {"instances":[[1.5,2]]} -> 500 INTERNAL_ERROR
  ours 400
`,
  },
  {
    why: 'Media types as HTTP has them',
    recorded: String.raw`
reg_tensor <application/json; charset="utf-8"> {"inputs":[[1.5,2.5]]} -> 415 text/plain
  ours 200 {"variable":[[-3.207933187484741]]}
reg_tensor <Application/JSON> {"inputs":[[1.5,2.5]]} -> 415 text/plain
  ours 200 {"variable":[[-3.207933187484741]]}
reg_tensor <application/json;> {"inputs":[[1.5,2.5]]} -> 415 text/plain
  ours 200 {"variable":[[-3.207933187484741]]}
reg_tensor <application/json; Charset=utf-8> {"inputs":[[1.5,2.5]]} -> 415 text/plain
  ours 200 {"variable":[[-3.207933187484741]]}
`,
  },
  {
    why: 'A byte order mark before JSON is refused; members of other protocols are left aside',
    recorded: String.raw`
reg_tensor json {"inputs":[[1.5,2.5]],"messages":[]} -> 400 INVALID_PARAMETER_VALUE
  ours 200 {"variable":[[-3.207933187484741]]}
reg_tensor json <mark>{"inputs":[[1.5,2.5]]} -> 200 {"variable":[[-3.20793]]}
  ours 400
`,
  },
  {
    why: 'The first object names the columns of a model without names',
    recorded: String.raw`
reg_unnamed json {"instances":[{"a":1.5,"b":2.5}]} -> 200 [{"variable":-3.20793}]
  ours 400
`,
  },
];
