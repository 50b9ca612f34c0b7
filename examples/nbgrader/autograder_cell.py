# An autograder test cell for nbgrader, with manual points: nbgrader takes the value of a cell's last expression as
# partial credit, in points (https://nbgrader.readthedocs.io, "Partial credit"). The student's cells before it write
# answers.yaml.
import json
import os
import subprocess


def points(assignment="assignment.yaml", answers="answers.yaml", timeout=60):
    program = os.environ.get("TENSORCTL", "tensorctl")
    done = subprocess.run([program, "grade", assignment, answers, "--format", "json"], capture_output=True, text=True,
                          timeout=timeout, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"tensorctl could not grade {answers}: {done.stderr.strip()}")
    graded = json.loads(done.stdout)["submissions"][0]
    for part in graded["parts"]:
        print(f"{part['id']}: {part['points']}/{part['max_points']} {part['feedback']}")
    return graded["score"]


points()
