"""Mail domains that say nothing about a company, because anybody can have an address there.

Belongs here: the list. Not here: how domains are compared (`store/links`).
"""

FREE_MAIL = frozenset(
    """aol.com bigpond.com bluewin.ch btinternet.com comcast.net fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch
    gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr icloud.com laposte.net
    libero.it live.com mac.com mail.com mail.ru me.com msn.com naver.com orange.fr outlook.com outlook.de pm.me
    posteo.de proton.me protonmail.com qq.com rediffmail.com sbcglobal.net t-online.de tutanota.com uol.com.br
    verizon.net wanadoo.fr web.de yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr
    yandex.com yandex.ru ymail.com
    zoho.com 126.com 163.com""".split()
)
"""Free and consumer mail providers, lower case."""
