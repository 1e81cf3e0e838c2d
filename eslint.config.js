import js from "@eslint/js";

// Undefined names are the type checker's.
export default [
  { ignores: ["**/*.d.ts"] },
  js.configs.recommended,
  { rules: { eqeqeq: "error", "no-undef": "off", "no-unused-vars": ["error", { argsIgnorePattern: "^_$" }], "no-var": "error", "prefer-const": "error" } },
];
