from benchmarks.request_profile import REST, shares_of

SAMPLES = """\
main (app/__main__.py:40);run_asgi (uvicorn/x.py:9);Direct._answer (app/layers/fast_path.py:48) 2
main (app/__main__.py:40);Batcher._turn (a.py:6);Predictor.predict (b.py:1);OnnxEngine.logits (c.py:2);run (d.py:3) 5
main (app/__main__.py:40);Runner.run (asyncio/runners.py:118) 3
"""


def test_a_sample_belongs_to_its_innermost_known_function() -> None:
    assert shares_of(SAMPLES) == {
        "making the answer and its JSON": 0.2,
        "forward pass in ONNX Runtime, shared by a batch": 0.5,
        REST: 0.3,
    }
