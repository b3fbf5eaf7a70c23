"""Those that people pay."""

from tests.fake_provider.groq import GROQ
from tests.fake_provider.openai import OPENAI
from tests.fake_provider.openrouter import OPENROUTER
from tests.fake_provider.together import TOGETHER

HOSTED = (OPENAI, GROQ, TOGETHER, OPENROUTER)
