"""From collected tests to cases: ids, engines, and why a case is not there."""
